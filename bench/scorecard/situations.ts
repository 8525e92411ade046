import type { Part } from '../../src/detect/parts.ts';
import type { Random } from '../../src/simulate/random.ts';
import { scaledRates, type Rates } from './counts-stream.ts';

const DAY = 1440;

/** Streams of a kind, each learnt once, and incidents that begin on copies of what was learnt. Counts are Poisson. */
export interface Situation {
  readonly name: string;
  /** Parts of the method that it is there for. */
  readonly parts: readonly Part[];
  /** Transactions a minute of the streams, and streams of each. */
  readonly volumes: readonly number[];
  readonly streams: number;
  /** Minutes to learn. */
  readonly learn: number;
  /** Incidents a stream, the most minutes before one, and its length. */
  readonly incidents: number;
  readonly lead: number;
  readonly minutes: number;
  /** Factor of the volume by minute of the stream (default 1). */
  readonly life?: (random: Random, minutes: number) => (minute: number) => number;
  /** Most transactions that come together (default 1): one to so many, each as often. */
  readonly clump?: number;
  /** Rates in a minute of the `index`-th incident, from the usual ones. */
  readonly breaks: (usual: Rates, minute: number, index: number) => Rates;
}

const dayCurve = (minute: number, depth: number): number => 1 - depth * Math.cos((2 * Math.PI * minute) / DAY);

/** The first morning of a stream, eight times as much at noon as at night. */
const firstMorning = (random: Random): ((minute: number) => number) => {
  const shift = 120 * random.next();
  return (minute) => dayCurve(minute - shift, 0.78);
};

/** A level that swings by 15 % (standard deviation) within half an hour. */
const swing = (random: Random, minutes: number): ((minute: number) => number) => {
  const keep = 0.97;
  let log = 0;
  const path = Array.from({ length: minutes }, () => (log = keep * log + 0.15 * Math.sqrt(1 - keep ** 2) * random.normal()));
  return (minute) => Math.exp(path[minute] ?? 0);
};

const TRADES = [
  { approved: 0.8, denied: 2.5 },
  { approved: 0.75, failed: 4, reversed: 2.5, backend_reversed: 4 },
];
const FALLS = [0.6, 0.4];
const FLAPS = [{ denied: 5.5 }, { denied: 3 }, { failed: 40 }, { approved: 0.3, denied: 0.3 }];
const RISES = [{ denied: 4 }, { failed: 20 }, { reversed: 8 }];

/** What the method must stand that the companies of the simulator seldom have. */
export const SITUATIONS: readonly Situation[] = [
  {
    name: 'first morning, volume down to 60 % while it rises',
    parts: ['slope'],
    ...{ volumes: [120, 400], streams: 6, learn: 420, incidents: 4, lead: 120, minutes: 30, life: firstMorning },
    breaks: (usual) => scaledRates(usual, 0.6),
  },
  {
    name: 'level that swings by 15 % in half an hour, volume down to 60 or 40 %',
    parts: ['walk'],
    ...{ volumes: [120, 400], streams: 8, learn: 1.5 * DAY, incidents: 2, lead: 10, minutes: 30, life: swing },
    breaks: (usual, _minute, index) => scaledRates(usual, FALLS[index % FALLS.length] ?? 1),
  },
  {
    name: 'customers try up to three times, trouble 4-20 times as often',
    parts: ['dispersion', 'tail'],
    ...{ volumes: [20, 120], streams: 8, learn: DAY, incidents: 3, lead: 30, minutes: 30, clump: 3 },
    breaks: (usual, _minute, index) => scaledRates(usual, 1, RISES[index % RISES.length]),
  },
  {
    name: 'volume that falls by 60 % over four hours',
    parts: ['slow'],
    ...{
      volumes: [120, 400],
      streams: 2,
      learn: 2.5 * DAY,
      incidents: 5,
      lead: 120,
      minutes: 240,
      life: () => (minute) => dayCurve(minute, 0.5),
    },
    breaks: (usual, minute) => scaledRates(usual, 1 - (0.6 * minute) / 240),
  },
  {
    name: 'denials up by 35 % or reversals by 70 % for four hours',
    parts: ['burn'],
    ...{
      volumes: [120, 400],
      streams: 2,
      learn: 2.5 * DAY,
      incidents: 6,
      lead: 120,
      minutes: 240,
      life: () => (minute) => dayCurve(minute, 0.5),
    },
    breaks: (usual, _minute, index) => scaledRates(usual, 1, index % 2 === 0 ? { denied: 1.35 } : { reversed: 1.7 }),
  },
  {
    name: 'three hours in which several statuses move a little',
    parts: ['joint', 'forest'],
    ...{ volumes: [3, 20], streams: 3, learn: DAY, incidents: 8, lead: 30, minutes: 180 },
    breaks: (usual, _minute, index) => scaledRates(usual, 1, TRADES[index % TRADES.length]),
  },
  {
    name: 'trouble that flaps: three minutes of nine, for an hour',
    parts: ['novelty', 'hysteresis'],
    ...{ volumes: [3, 20, 120], streams: 3, learn: DAY, incidents: 12, lead: 20, minutes: 63 },
    breaks: (usual, minute, index) => (minute % 9 < 3 ? scaledRates(usual, 1, FLAPS[index % FLAPS.length]) : usual),
  },
];
