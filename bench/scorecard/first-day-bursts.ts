import { createRandom, type Random } from '../../src/simulate/random.ts';
import { drawCells, MINUTE_MS, ordinaryRates, scaledRates, START, windowOf } from './counts-stream.ts';
import { createDefaultDetector } from './data-files.ts';
import { CURVES, drawCurve } from './first-day-curve.ts';

/** A burst that ended: how large and long it was, where it began, and whether a fall of the volume was reported in it or after it. */
export interface BurstTrial {
  readonly times: number;
  readonly minutes: number;
  readonly place: BurstPlace;
  readonly shape: string;
  readonly stream: string;
  readonly isFalse: boolean;
  readonly told: number | null;
}

/** A real fall: part of the volume that is missing, what came before it, and minutes until it was reported; null when it was not. */
export interface FallTrial {
  readonly missing: number;
  readonly after: 'nothing' | 'burst';
  readonly place: BurstPlace;
  readonly shape: string;
  readonly delay: number | null;
}

/** What became of the bursts and falls of a seed. */
export interface BurstStudy {
  readonly bursts: readonly BurstTrial[];
  readonly falls: readonly FallTrial[];
}

export const BURST_TIMES = [1, 1.3, 1.5, 2, 3];
export const MINUTES = [30, 90, 150, 180];
export const MISSING = [0.3, 0.5, 0.7, 1];
/** At the first midnight, or at any hour of the first two days. */
export const BURST_PLACES = ['midnight', 'any hour'] as const;
export type BurstPlace = (typeof BURST_PLACES)[number];

const DAY = 1440;
const FLAT = 'flat';
/** Minutes after a burst in which a fall is false, those between a burst and a real fall, and those of the fall. */
const AFTER = 150;
const APART = 30;
const FALL = 30;
/** Least level a minute at which a burst or a fall is begun: below it none is reported within minutes. */
const LEAST = 60;

/** Plays `streams` streams of `seed`: each until a burst or a fall begins, and from there once for every burst and fall. */
export function studyBursts(seed: string, streams: number): BurstStudy {
  const bursts: BurstTrial[] = [];
  const falls: FallTrial[] = [];
  for (let index = 0; index < streams; index++) {
    for (const place of BURST_PLACES) playStream(createRandom(`${seed}/${index}/${place}`), { index, place }, { bursts, falls });
  }
  return { bursts, falls };
}

function playStream(
  random: Random,
  { index, place }: { index: number; place: BurstPlace },
  { bursts, falls }: { bursts: BurstTrial[]; falls: FallTrial[] },
): void {
  const shape = [FLAT, ...CURVES][index % (CURVES.length + 1)] ?? FLAT;
  const levels = drawLevels(random.fork('curve'), shape);
  const first = 60 * random.below(19);
  const begin = beginOf(random, place, first, levels);
  if (begin === null) return;
  const before = play(null, random.fork('before'), { from: first, to: begin, levelAt: (minute) => levels[minute] ?? 0 });
  const goOn = (label: string, minutes: number, factorAt: (minute: number) => number): number[] =>
    play(before.snapshot, random.fork(label), {
      from: begin,
      to: begin + minutes,
      levelAt: (minute) => (levels[minute] ?? 0) * factorAt(minute - begin),
    }).falls.map((minute) => minute - begin);
  const stream = `${index}/${place} from ${first} at ${begin}`;
  for (const times of BURST_TIMES)
    for (const minutes of MINUTES) {
      const [told] = goOn(`burst ${times} ${minutes}`, minutes + AFTER, (minute) => (minute < minutes ? times : 1));
      bursts.push({ times, minutes, place, shape, stream, isFalse: told !== undefined, told: told ?? null });
    }
  for (const missing of MISSING) {
    falls.push({ missing, after: 'nothing', place, shape, delay: goOn(`fall ${missing}`, FALL, () => 1 - missing)[0] ?? null });
    for (const [times, minutes] of [
      [1.5, 150],
      [2, 60],
    ] as const) {
      const start = minutes + APART;
      const told = goOn(`burst ${times} ${minutes}, fall ${missing}`, start + FALL, (minute) =>
        minute < minutes ? times : minute < start ? 1 : 1 - missing,
      );
      falls.push({
        missing,
        after: 'burst',
        place,
        shape,
        delay: told.map((minute) => minute - start).find((minute) => minute >= 0) ?? null,
      });
    }
  }
}

/** Minute at which a burst or a fall begins: from two hours after the start of the stream on. */
function beginOf(random: Random, place: BurstPlace, first: number, levels: Float64Array): number | null {
  for (let attempt = 0; attempt < 50; attempt++) {
    const begin = place === 'midnight' ? DAY - random.below(150) : first + 120 + random.below(2 * DAY - first - 120);
    if (begin >= first + 120 && levels.subarray(begin, begin + 330).every((level) => level >= LEAST)) return begin;
  }
  return null;
}

/** Expected transactions a minute of three days of one curve. */
function drawLevels(random: Random, shape: string): Float64Array {
  const day = shape === FLAT ? null : drawCurve(random, shape);
  const level = 100 * 4 ** random.next();
  const wave = { size: 0.08 * random.next(), period: 50 + 190 * random.next() };
  const growth = Array.from({ length: 4 }, () => random.logNormal(1, 0.05));
  return Float64Array.from({ length: 3 * DAY }, (_, minute) => {
    if (day === null) return level * Math.exp(wave.size * Math.sin((2 * Math.PI * minute) / wave.period));
    // The last hours of a day lead to the first minute of the next, and so does its growth.
    const late = Math.max(0, ((minute % DAY) - DAY + 180) / 180);
    const gap = Math.log((day[0] ?? 1) / (day[DAY - 1] ?? 1)) * late;
    const [now = 1, next = 1] = growth.slice(Math.floor(minute / DAY));
    return (day[minute % DAY] ?? 0) * Math.exp(gap) * now ** (1 - late) * next ** late;
  });
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly levelAt: (minute: number) => number;
}

/** Plays minutes and returns those in which a fall of the fleet's volume was reported. */
function play(snapshot: Uint8Array | null, random: Random, { from, to, levelAt }: Stretch): { falls: number[]; snapshot: Uint8Array } {
  const detector = createDefaultDetector(snapshot);
  const falls: number[] = [];
  for (let minute = from; minute < to; minute++) {
    const level = levelAt(minute);
    const cells = level > 0 ? drawCells(random, scaledRates(ordinaryRates(1), level)) : [];
    const { events } = detector.step(windowOf(minute + 1, START + minute * MINUTE_MS, cells));
    const isFall = events.some(({ event, anomaly }) => event === 'opened' && FALLS.has(anomaly.type));
    if (isFall) falls.push(minute);
  }
  return { falls, snapshot: detector.snapshot() };
}
const FALLS: ReadonlySet<string> = new Set(['low_volume', 'zero_transactions', 'no_data']);
