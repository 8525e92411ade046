import type { DetectorPart } from '../../src/detect/series/parts.ts';
import type { Random } from '../../src/simulate/random.ts';
import { scaledRates, type Rates } from './counts-stream.ts';

const DAY = 1440;

type Life = (ordinary: Rates, minute: number) => Rates;

/** Streams of a kind, each learnt once, and incidents that begin on copies of what was learnt. Counts are Poisson. */
export interface Situation {
  readonly name: string;
  /** Parts of the method that it is there for. */
  readonly parts: readonly DetectorPart[];
  /** Transactions a minute of the streams, and streams of each. */
  readonly volumes: readonly number[];
  readonly streams: number;
  /** Minutes to learn. */
  readonly learn: number;
  /** Incidents a stream, the most minutes before one, and its length. */
  readonly incidents: number;
  readonly lead: number;
  readonly minutes: number;
  /** Usual rates by minute of the stream, from the ordinary ones (default: these). */
  readonly life?: (random: Random, minutes: number) => Life;
  /** Minute from which what opens while the stream is learnt is false (default 0). */
  readonly cleanFrom?: number;
  /** Share of a merchant to whom alone the incidents happen, by minute of the stream (default: there are no merchants). */
  readonly share?: (minute: number) => number;
  /** Most transactions that come together (default 1): one to so many, each as often. */
  readonly clump?: number;
  /** Rates in a minute of the `index`-th incident, from the usual ones. */
  readonly breaks: (usual: Rates, minute: number, index: number) => Rates;
}

const dayFactor = (minute: number, depth: number): number => 1 - depth * Math.cos((2 * Math.PI * minute) / DAY);
/** Three times as much at noon as at night. */
const dayCurve = (): Life => (ordinary, minute) => scaledRates(ordinary, dayFactor(minute, 0.5));

/** The first morning of a stream, eight times as much at noon as at night. */
const firstMorning = (random: Random): Life => {
  const shift = 120 * random.next();
  return (ordinary, minute) => scaledRates(ordinary, dayFactor(minute - shift, 0.78));
};

/** Factors that swing by `sd` (of their logarithm) and keep a part of it from minute to minute. */
function swing(random: Random, minutes: number, keep: number, sd: number): number[] {
  let log = 0;
  return Array.from({ length: minutes }, () => Math.exp((log = keep * log + sd * Math.sqrt(1 - keep ** 2) * random.normal())));
}

const swingingVolume = (random: Random, minutes: number): Life => {
  const path = swing(random, minutes, 0.97, 0.15);
  return (ordinary, minute) => scaledRates(ordinary, path[minute] ?? 1);
};

const swingingDenials = (random: Random, minutes: number): Life => {
  const path = swing(random, minutes, 0.9, 0.3);
  return (ordinary, minute) => scaledRates(ordinary, 1, { denied: path[minute] ?? 1 });
};

/** A day with a plain outage of eight minutes in each of its last hours. */
const badDay = (): Life => (ordinary, minute) => scaledRates(ordinary, minute >= DAY - 300 && minute < DAY && minute % 60 < 8 ? 0.02 : 1);

const TRADES = [
  { approved: 0.8, denied: 2.5 },
  { approved: 0.75, failed: 4, reversed: 2.5, backend_reversed: 4 },
];
const FALLS = [0.6, 0.4];
const FLAPS = [{ denied: 5.5 }, { denied: 3 }, { failed: 40 }, { approved: 0.3, denied: 0.3 }];
const WEAK = [{ denied: 2.2 }, { failed: 10 }, { reversed: 4 }, { approved: 0.6, denied: 0.6 }];
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
    ...{ volumes: [120, 400], streams: 8, learn: 1.5 * DAY, incidents: 2, lead: 10, minutes: 30, life: swingingVolume },
    breaks: (usual, _minute, index) => scaledRates(usual, FALLS[index % FALLS.length] ?? 1),
  },
  {
    name: 'customers retry up to three times, failures 4-20 times as often',
    parts: ['dispersion'],
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
      life: dayCurve,
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
      life: dayCurve,
    },
    breaks: (usual, _minute, index) => scaledRates(usual, 1, index % 2 === 0 ? { denied: 1.35 } : { reversed: 1.7 }),
  },
  {
    name: 'three hours in which several statuses move a little',
    parts: ['joint'],
    ...{ volumes: [3, 20], streams: 3, learn: DAY, incidents: 8, lead: 30, minutes: 180 },
    breaks: (usual, _minute, index) => scaledRates(usual, 1, TRADES[index % TRADES.length]),
  },
  {
    name: 'flapping failures: three minutes of nine, for an hour',
    parts: ['novelty'],
    ...{ volumes: [3, 20, 120], streams: 3, learn: DAY, incidents: 12, lead: 20, minutes: 63 },
    breaks: (usual, minute, index) => (minute % 9 < 3 ? scaledRates(usual, 1, FLAPS[index % FLAPS.length]) : usual),
  },
  {
    name: 'a small rise for an hour and a half',
    parts: ['hysteresis'],
    ...{ volumes: [3, 20, 120], streams: 3, learn: DAY, incidents: 8, lead: 20, minutes: 90 },
    breaks: (usual, _minute, index) => scaledRates(usual, 1, WEAK[index % WEAK.length]),
  },
  {
    name: 'denials that swing by 30 % in ten minutes, then twice as many',
    parts: ['tail'],
    ...{ volumes: [120, 400], streams: 8, learn: DAY, incidents: 2, lead: 10, minutes: 60, life: swingingDenials },
    breaks: (usual) => scaledRates(usual, 1, { denied: 2 }),
  },
  {
    name: 'merchant with a curve of its own, its volume down to 40 %',
    parts: ['shape'],
    ...{
      volumes: [60, 200],
      streams: 2,
      learn: 2.5 * DAY,
      incidents: 6,
      lead: 600,
      minutes: 30,
      share: (minute) => 0.2 * dayFactor(minute, 0.9),
    },
    breaks: (usual) => scaledRates(usual, 0.4),
  },
  {
    name: 'bad day, then a weak incident',
    parts: ['discoveries'],
    ...{ volumes: [3, 20], streams: 3, learn: DAY + 30, cleanFrom: DAY + 30, incidents: 12, lead: 30, minutes: 60, life: badDay },
    breaks: (usual, _minute, index) => scaledRates(usual, 1, index % 2 === 0 ? { denied: 4 } : { approved: 0.4, denied: 0.4 }),
  },
];
