import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { drawCells, evidenceOf, MINUTE_MS, ordinaryRates, START, windowOf, type Rates } from './counts-stream.ts';
import { createDefaultDetector, type MakeDetector } from './data-files.ts';
import { THRESHOLD_NATS } from './low-volume-study.ts';
import { median } from './score-windows.ts';

const DAY = 1440;
const LEARN_DAYS = 3;
/** Least minutes before a rise begins: it begins at any time of the day. */
const LEAD = 30;

/** What rises: a status, and how many times its usual rate it comes to. */
const BURNS = {
  'failed 0.2 -> 0.6 %': { status: 'failed', ratio: 3 },
  'denied 5.5 -> 7.3 %': { status: 'denied', ratio: 4 / 3 },
  'reversed 0.9 -> 1.5 %': { status: 'reversed', ratio: 5 / 3 },
  'denied 5.5 -> 8 %, rising for two hours': { status: 'denied', ratio: 1.45, ramp: 120 },
} as const satisfies Record<string, { status: keyof Rates; ratio: number; ramp?: number }>;
type BurnName = keyof typeof BURNS;

export interface BurnCell {
  readonly perMinute: number;
  readonly name: BurnName;
  readonly trials: number;
  readonly caught: number;
  /** Median delay of all rises, minutes, a missed one for ever (null: half of them or more were missed). */
  readonly delay: number | null;
  /** The same of an optimal test that knows both rates in advance. */
  readonly bestCaught: number;
  readonly bestDelay: number | null;
  /** Anomalies that the caught rises made in all. */
  readonly told: number;
  /** Median of how far the reported beginning is from the true one, minutes. */
  readonly startError: number | null;
}

interface BurnOptions {
  readonly seed: string;
  readonly rates: readonly number[];
  /** Streams of each rate, and rises of each kind on each of them. */
  readonly streams: number;
  readonly burns: number;
  /** Length of a rise, minutes. */
  readonly minutes: number;
  /** Clean days of each stream, after those that it is learnt. */
  readonly cleanDays: number;
  readonly make?: MakeDetector;
}

interface BurnRun {
  readonly cells: readonly BurnCell[];
  readonly falseOnes: readonly AnomalyEvent['anomaly'][];
  readonly cleanDays: number;
}

/** Streams whose volume and whose shares have a daily curve and drift; each is learnt for three days and then rises from a copy
 *  of that state, and goes on clean beside it. */
export function runSlowBurns(options: BurnOptions): BurnRun {
  const { make = createDefaultDetector, cleanDays } = options;
  const falseOnes: AnomalyEvent['anomaly'][] = [];
  const cells = options.rates.flatMap((perMinute) => {
    const streams = Array.from({ length: options.streams }, (_, stream) => {
      const life = createLife(`slow-burn/${options.seed}/${perMinute}/${stream}`, perMinute, LEARN_DAYS + cleanDays + 2);
      const detector = make();
      const play = (from: number, to: number) => {
        const told: AnomalyEvent[] = [];
        for (let n = from; n < to; n++)
          told.push(...detector.step(windowOf(n + 1, START + n * MINUTE_MS, drawCells(life.random, life.rates(n)))).events);
        return told;
      };
      play(0, LEARN_DAYS * DAY);
      const snapshot = detector.snapshot();
      const opened = play(LEARN_DAYS * DAY, (LEARN_DAYS + cleanDays) * DAY).filter(({ event }) => event === 'opened');
      falseOnes.push(...opened.map(({ anomaly }) => structuredClone(anomaly)).filter(({ type }) => type !== 'drift_warning'));
      return { snapshot, life };
    });
    return (Object.keys(BURNS) as BurnName[]).map((name) => runCell(options, perMinute, name, streams));
  });
  return { cells, falseOnes, cleanDays: options.rates.length * options.streams * cleanDays };
}

interface Life {
  readonly random: Random;
  /** Means of a minute. */
  rates(minute: number): Rates;
}

/** Volume and shares of a stream over its days: a curve of the day (volume -/+ 50 %, shares up to 8 %) and a drift of the
 *  shares from day to day (2 %). */
function createLife(seed: string, perMinute: number, days: number): Life {
  const random = createRandom(seed);
  const usual = ordinaryRates(perMinute);
  const names = Object.keys(usual) as (keyof Rates)[];
  const habits = names.map((name) => {
    const drift = [0];
    for (let day = 0; day <= days; day++) drift.push((drift[day] ?? 0) + 0.02 * random.normal());
    return { name, curve: 0.08 * random.next(), phase: 2 * Math.PI * random.next(), drift };
  });
  return {
    random,
    rates: (minute) => {
      const angle = (2 * Math.PI * minute) / DAY;
      const volume = 1 - 0.5 * Math.cos(angle);
      const day = Math.floor(minute / DAY);
      const part = minute / DAY - day;
      const pairs = habits.map(({ name, curve, phase, drift }) => {
        if (name === 'approved') return [name, usual[name] * volume] as const;
        const moved = (drift[day] ?? 0) * (1 - part) + (drift[day + 1] ?? 0) * part;
        return [name, usual[name] * volume * (1 + curve * Math.sin(angle + phase)) * Math.exp(moved)] as const;
      });
      return Object.fromEntries(pairs) as Record<keyof Rates, number>;
    },
  };
}

function runCell(
  options: BurnOptions,
  perMinute: number,
  name: BurnName,
  streams: readonly { readonly snapshot: Uint8Array; readonly life: Life }[],
): BurnCell {
  const trials = streams.flatMap(({ snapshot, life }, stream) =>
    Array.from({ length: options.burns }, (_, n) =>
      runBurn(options, createRandom(`slow-burn/${options.seed}/${perMinute}/${stream}/${name}/${n}`), name, snapshot, life),
    ),
  );
  const caught = trials.filter(({ delay }) => delay !== null);
  return {
    ...{ perMinute, name, trials: trials.length, caught: caught.length },
    delay: medianOfAll(trials.map(({ delay }) => delay)),
    bestCaught: trials.filter(({ best }) => best !== null).length,
    bestDelay: medianOfAll(trials.map(({ best }) => best)),
    told: caught.reduce((sum, { told }) => sum + told, 0),
    startError: median(caught.map(({ startError }) => startError)),
  };
}

function medianOfAll(delays: readonly (number | null)[]): number | null {
  const middle = median(delays.map((delay) => delay ?? Number.POSITIVE_INFINITY));
  return middle === Number.POSITIVE_INFINITY ? null : middle;
}

function runBurn(options: BurnOptions, random: Random, name: BurnName, snapshot: Uint8Array, life: Life) {
  const burn: { readonly status: keyof Rates; readonly ratio: number; readonly ramp?: number } = BURNS[name];
  const detector = (options.make ?? createDefaultDetector)(snapshot);
  const lead = LEAD + random.below(DAY / 2);
  const first = LEARN_DAYS * DAY + lead;
  const found = { delay: null as number | null, best: null as number | null, told: 0, startError: 0 };
  let sum = 0;
  for (let n = LEARN_DAYS * DAY; n < first + options.minutes; n++) {
    const before = life.rates(n);
    const share = Math.min(1, (n - first + 1) / (burn.ramp ?? 1));
    const after = n < first ? before : { ...before, [burn.status]: before[burn.status] * (1 + (burn.ratio - 1) * share) };
    const cells = drawCells(random, after);
    const { events } = detector.step(windowOf(detector.lastSequence + 1, detector.lastMinute + MINUTE_MS, cells));
    if (n < first) continue;
    sum = Math.max(0, sum) + evidenceOf(cells, before, after);
    if (sum >= THRESHOLD_NATS) found.best ??= n - first + 1;
    for (const { event, anomaly } of events) {
      if (event !== 'opened' || anomaly.type === 'drift_warning' || anomaly.slice.status !== burn.status) continue;
      found.told++;
      if (found.delay !== null) continue;
      found.delay = n - first + 1;
      found.startError = Math.abs((Date.parse(anomaly.started_at) - START) / MINUTE_MS - first);
    }
  }
  return found;
}
