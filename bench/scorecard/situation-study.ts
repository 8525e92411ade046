import type { Cell } from '@transaction-guardian/contracts/window.ts';
import type { Detector } from '../../src/detect/engine/detector.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { drawCells, MINUTE_MS, ordinaryRates, scaledRates, START, windowOf, type Rates } from './counts-stream.ts';
import type { MakeDetector } from './data-files.ts';
import type { Outcome } from './paired.ts';
import type { Situation } from './situations.ts';

/** Plays the streams of a situation and its incidents. Whatever the detector, outcomes come in the same order: of every
 *  stream what was false while it was learnt, then its incidents. */
export function runSituation(situation: Situation, make: MakeDetector): Outcome[] {
  const streams = Array.from({ length: situation.streams }, (_, stream) => stream);
  return situation.volumes.flatMap((volume) => streams.flatMap((stream) => runStream(situation, make, volume, stream)));
}

function runStream(situation: Situation, make: MakeDetector, volume: number, stream: number): Outcome[] {
  const { learn, cleanFrom = 0, lead, minutes, breaks } = situation;
  const seed = `situation/${situation.name}/${volume}/${stream}`;
  const life = situation.life?.(createRandom(`${seed}/life`), learn + lead + minutes);
  const ordinary = ordinaryRates(volume);
  const usual = (minute: number): Rates => life?.(ordinary, minute) ?? ordinary;
  const draw = (random: Random, minute: number, rates: Rates): Cell[] =>
    drawMinute(situation, random, minute, { usual: usual(minute), rates });
  const random = createRandom(seed);
  const detector = make();
  const told = openings(detector, learn, (minute) => draw(random, minute, usual(minute)));
  const snapshot = detector.snapshot();
  const trials = Array.from({ length: situation.incidents }, (_, index): Outcome => {
    const own = createRandom(`${seed}/${index}`);
    const first = own.below(lead);
    const opened = openings(make(snapshot), first + minutes, (minute) => {
      const rates = usual(learn + minute);
      return draw(own, learn + minute, minute < first ? rates : breaks(rates, minute - first, index));
    });
    const late = opened.filter((minute) => minute >= first).map((minute) => minute - first);
    return { late: Math.min(minutes, ...late), falseOnes: opened.length - late.length, told: late.length };
  });
  return [{ late: 0, falseOnes: told.filter((minute) => minute >= cleanFrom).length, told: 0 }, ...trials];
}

/** Counts of a minute; where there is a merchant, only his are drawn from `rates`, those of the others from the usual ones. */
function drawMinute(
  { share, clump = 1 }: Situation,
  random: Random,
  minute: number,
  { usual, rates }: { readonly usual: Rates; readonly rates: Rates },
): Cell[] {
  if (share === undefined) return drawClumps(random, rates, clump);
  const own = share(minute);
  return [...drawCells(random, scaledRates(rates, own), 'm'), ...drawCells(random, scaledRates(usual, 1 - own), 'others')];
}

/** Minutes, from 0, in which anomalies opened. */
function openings(detector: Detector, minutes: number, draw: (minute: number) => readonly Cell[]): number[] {
  const next = Number.isNaN(detector.lastMinute) ? START : detector.lastMinute + MINUTE_MS;
  const sequence = Math.max(0, detector.lastSequence) + 1;
  return Array.from({ length: minutes }, (_, minute) => {
    const { events } = detector.step(windowOf(sequence + minute, next + minute * MINUTE_MS, draw(minute)));
    return events.filter(({ event, anomaly }) => event === 'opened' && anomaly.type !== 'drift_warning').map(() => minute);
  }).flat();
}

/** Counts of transactions that come one to `most` at a time, each as often; as many in all as `rates` say. */
function drawClumps(random: Random, rates: Rates, most: number): Cell[] {
  if (most === 1) return drawCells(random, rates);
  const clumps = drawCells(random, scaledRates(rates, 2 / (1 + most)));
  return clumps.map((cell) => {
    let count = 0;
    for (let clump = 0; clump < cell.count; clump++) count += 1 + random.below(most);
    return { ...cell, count };
  });
}
