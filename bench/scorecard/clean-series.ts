import { createSeriesDetector } from '../../src/detect/univariate/series-detector.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';

const MINUTE = 60_000;
const DAY = 1440;
const DAYS = 14;
const EVENT_GAP = 10;
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5);

/** A value of a minute (from 0) in which nothing is wrong. */
type Draw = (random: Random, minute: number) => number;

const curve = (minute: number): number => Math.exp(0.7 * Math.sin((2 * Math.PI * minute) / DAY));

function student(random: Random, freedom: number): number {
  let sum = 0;
  for (let k = 0; k < freedom; k++) sum += random.normal() ** 2;
  return random.normal() / Math.sqrt(sum / freedom);
}

const CLEAN: Readonly<Record<string, Draw>> = {
  normal: (random) => 100 + 5 * random.normal(),
  'Poisson 1': (random) => random.poisson(1),
  'Poisson 10 with a day curve': (random, minute) => random.poisson(10 * curve(minute)),
  'Poisson 20': (random) => random.poisson(20),
  'Poisson 0.05': (random) => random.poisson(0.05),
  'geometric counts': (random) => random.poisson(-2 * Math.log(1 - random.next())),
  exponential: (random) => -50 * Math.log(1 - random.next()),
  'log-normal 0.5': (random) => random.logNormal(80, 0.5),
  'log-normal 1': (random) => random.logNormal(80, 1),
  'Student 3': (random) => 100 + 5 * student(random, 3),
  'Student 5 with a day curve': (random, minute) => curve(minute) * (100 + 5 * student(random, 5)),
  'Pareto 3': (random) => 50 * (1 - random.next()) ** (-1 / 3),
};

/** False events a day of the product's own decisions on values by the minute in which nothing is wrong, by kind of noise,
 *  from the second day on. */
export function countCleanEvents(seeds: readonly string[]): Map<string, number> {
  const rates = new Map<string, number>();
  for (const [name, draw] of Object.entries(CLEAN)) {
    const events = seeds.reduce((sum, seed) => sum + eventsOf(draw, createRandom(`clean/${name}/${seed}`)), 0);
    rates.set(name, events / (seeds.length * (DAYS - 1)));
  }
  return rates;
}

function eventsOf(draw: Draw, random: Random): number {
  const judge = createSeriesDetector();
  let events = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (let minute = 0; minute < DAYS * DAY; minute++) {
    const { anomalous } = judge(START_MS + minute * MINUTE, draw(random, minute));
    if (!anomalous || minute < DAY) continue;
    if (minute - last > EVENT_GAP) events++;
    last = minute;
  }
  return events;
}
