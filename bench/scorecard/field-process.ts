import type { Random } from '../../src/simulate/random.ts';
import { wander } from './kpi-process.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const WEEK_DAYS = 7;

/** Where a value lies and how far values lie about it. */
export interface FieldStep {
  readonly mean: number;
  readonly spread: number;
}

/** What is normal for a series of the field. `step` is called once for every time, in order. */
export interface FieldProcess {
  step(timeMs: number): FieldStep;
  /** A value about a step; `noise`: a factor on the spread. */
  draw(step: FieldStep, noise: number): number;
  readonly most: number;
}

/** Habits of a series, each off when it is 0. */
export interface FieldHabits {
  /** Depth of the day curve in nats, and how much its strength changes from week to week and its time from day to day. */
  readonly depth: number;
  readonly wobble: number;
  /** Noise as a share of the level, degrees of freedom of its tail, and how much its size changes by hours. */
  readonly noise: number;
  readonly freedom: number;
  readonly volatility: number;
  /** Excursions of one to three values a day that nobody calls an incident. */
  readonly glitches: number;
  /** Jobs that run every hour or every day, and their height in shares of the level. */
  readonly jobs: number;
  /** Lasting changes of the level a month that nobody calls an incident. */
  readonly deploys: number;
  /** Days a month that look like a Sunday. */
  readonly holidays: number;
  /** Growth a day. */
  readonly trend: number;
}

/** Level of a series over time: curve of day and week, holidays, trend, deploys and jobs. */
export function fieldLevel(random: Random, habits: FieldHabits, cadenceMs: number): (timeMs: number) => number {
  const curve = fieldCurve(random.fork('curve'), habits);
  const job = fieldJobs(random.fork('jobs'), habits);
  const drift = wander(random.fork('drift'), cadenceMs, 3);
  const deploys = random.fork('deploys');
  const chance = (habits.deploys * cadenceMs) / (30 * DAY_MS);
  let shift = 0;
  let first = Number.NaN;
  return (timeMs) => {
    if (Number.isNaN(first)) first = timeMs;
    if (deploys.next() < chance) shift += (deploys.next() < 0.5 ? -1 : 1) * (0.1 + 0.3 * deploys.next());
    const slow = (habits.trend * (timeMs - first)) / DAY_MS + 0.5 * habits.noise * drift() + shift;
    return curve(timeMs) * Math.exp(slow) * (1 + job(timeMs));
  };
}

function fieldCurve(random: Random, { depth, wobble, holidays }: FieldHabits): (timeMs: number) => number {
  const [phase, second, sunday] = [random.next(), 0.5 * random.next(), 0.5 + 0.5 * random.next()];
  const perDay = memoised((day) => {
    const own = random.fork(`day ${day}`);
    return { level: Math.exp(0.04 * own.normal()), late: 0.012 * wobble * own.normal(), free: own.next() < holidays / 30 };
  });
  const perWeek = memoised((week) => Math.exp(0.25 * wobble * random.fork(`week ${week}`).normal()));
  return (timeMs) => {
    const day = Math.floor(timeMs / DAY_MS);
    const { level, late, free } = perDay(day);
    const angle = 2 * Math.PI * (timeMs / DAY_MS + phase + late);
    const shape = depth * perWeek(Math.floor(day / WEEK_DAYS)) * (Math.sin(angle) + second * Math.sin(2 * angle + 1));
    const quiet = free || day % WEEK_DAYS === 2 || day % WEEK_DAYS === 3;
    return Math.exp(shape - 0.6 * depth) * level * (quiet && depth > 0 ? sunday : 1);
  };
}

function memoised<T>(make: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}

/** Jobs run at their minute, a little late at times, for some minutes, and hardly ever not at all. */
function fieldJobs(random: Random, { jobs }: FieldHabits): (timeMs: number) => number {
  if (jobs === 0) return () => 0;
  const plans = Array.from({ length: 1 + random.below(3) }, (_, index) => ({
    every: random.next() < 0.3 ? HOUR_MS : DAY_MS,
    at: random.next(),
    lengthMs: (2 + 12 * random.next()) * 60_000,
    height: jobs * (0.5 + random.next()),
    run: memoised((turn) => {
      const own = random.fork(`job ${index} ${turn}`);
      return { lateMs: 60_000 * Math.abs(own.normal()), size: own.next() < 0.03 ? 0 : 0.8 + 0.4 * own.next() };
    }),
  }));
  return (timeMs) => {
    let sum = 0;
    for (const { every, at, lengthMs, height, run } of plans) {
      const turn = Math.floor(timeMs / every - at);
      const { lateMs, size } = run(turn);
      const since = timeMs - (turn + at) * every - lateMs;
      if (since >= 0 && since < lengthMs) sum += height * size;
    }
    return sum;
  };
}

/** Size of the noise over time, as a factor: it changes over hours and in bursts of minutes. */
export function fieldVolatility(random: Random, { volatility }: FieldHabits, cadenceMs: number): () => number {
  const [hours, minutes] = [wander(random, cadenceMs, 6), wander(random, cadenceMs, 0.3)];
  return () => Math.exp(volatility * (0.7 * hours() + 0.5 * minutes()));
}

/** Noise of deviation about 1 with a tail of a power law (Student's t). */
export function fieldNoise(random: Random, freedom: number): number {
  let sum = 0;
  for (let k = 0; k < freedom; k++) sum += random.normal() ** 2;
  return (random.normal() * Math.sqrt((freedom - 2) / freedom)) / Math.sqrt(sum / freedom);
}

/** Excursions that last one to three values, in spreads. */
export function fieldGlitches(random: Random, { glitches }: FieldHabits, cadenceMs: number): () => number {
  const chance = (glitches * cadenceMs) / DAY_MS;
  let [left, size] = [0, 0];
  return () => {
    if (left > 0) left--;
    else if (random.next() < chance) {
      left = random.below(3);
      size = (random.next() < 0.7 ? 1 : -1) * 4 * 3 ** random.next();
    } else size = 0;
    return size;
  };
}
