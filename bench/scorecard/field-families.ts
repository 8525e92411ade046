import type { Random } from '../../src/simulate/random.ts';
import { fieldGlitches, fieldLevel, fieldNoise, fieldVolatility, type FieldHabits, type FieldProcess } from './field-process.ts';

/** What the values of a series are. */
type Quantity = 'views' | 'time' | 'errors' | 'success' | 'gauge';

/** A kind of series of the field. */
export interface FieldFamily {
  readonly name: string;
  readonly cadenceMs: number;
  readonly days: number;
  readonly quantity: Quantity;
  /** Usual level of its series. */
  readonly level: number;
  readonly habits: FieldHabits;
  readonly directions: readonly (1 | -1)[];
  readonly gaps: 'none' | 'missing' | 'filled';
}

const MINUTE = 60_000;

const QUIET: FieldHabits = {
  depth: 0.6,
  wobble: 0.5,
  noise: 0.05,
  freedom: 4,
  volatility: 0.3,
  glitches: 0.1,
  jobs: 0,
  deploys: 0,
  holidays: 0,
  trend: 0,
};

/** A family says what is special in it. */
function family(name: string, quantity: Quantity, habits: Partial<FieldHabits>, rest: Partial<FieldFamily> = {}): FieldFamily {
  const directions =
    quantity === 'success' ? ([-1] as const) : quantity === 'views' || quantity === 'gauge' ? ([1, -1] as const) : ([1] as const);
  const level = { views: 800, time: 60, errors: 0.4, success: 0.985, gauge: 200 }[quantity];
  const usual = { cadenceMs: MINUTE, days: 24, level, directions, gaps: 'none' } as const;
  return { ...usual, ...rest, name, quantity, habits: { ...QUIET, ...habits } };
}

/** Families of series with the habits that real ones have and that are no incidents. A name is part of the seed of its series: another
 *  name makes another series. */
export const FIELD_FAMILIES: readonly FieldFamily[] = [
  family('restless views', 'views', { volatility: 0.6, freedom: 3, wobble: 1 }),
  family('views with glitches', 'views', { glitches: 1.5 }),
  family('views with jobs', 'views', { jobs: 0.6, glitches: 0.3 }),
  family('small shop, nights of zeros', 'views', { depth: 1.8, noise: 0.1 }, { level: 4 }),
  family('deploys and holidays', 'views', { deploys: 4, holidays: 3 }),
  family('growth', 'gauge', { trend: 0.03, wobble: 1, noise: 0.03 }),
  family('response times', 'time', { depth: 0.2, noise: 0.25, freedom: 3, volatility: 0.5 }),
  family('response times with jobs', 'time', { depth: 0.15, noise: 0.15, jobs: 0.8, deploys: 2, glitches: 0.5 }),
  family('response times, whole milliseconds', 'time', { depth: 0.3, noise: 0.2, glitches: 0.3 }, { level: 5 }),
  family('errors in clumps', 'errors', { depth: 0.5, noise: 1, glitches: 0.5 }),
  family('errors of a busy service', 'errors', { depth: 0.8, noise: 0.3, glitches: 0.5 }, { level: 12 }),
  family('success of uneven traffic', 'success', { depth: 0.9, noise: 1, glitches: 0.5 }),
  family('views, holes filled', 'views', { volatility: 0.5 }, { gaps: 'filled' }),
  family('views, holes', 'views', { glitches: 0.5 }, { gaps: 'missing' }),
  family('five minutes, restless', 'views', { volatility: 0.6, freedom: 3, wobble: 1, glitches: 0.3 }, { cadenceMs: 5 * MINUTE, days: 75 }),
  family(
    'five minutes, response times',
    'time',
    { depth: 0.3, noise: 0.2, freedom: 3, volatility: 0.4 },
    { cadenceMs: 5 * MINUTE, days: 75 },
  ),
];

/** A normal series of a family, with a level and strengths of its own. */
export function fieldProcess({ quantity, level, habits: usual, cadenceMs }: FieldFamily, random: Random): FieldProcess {
  const own = 0.6 + 0.8 * random.next();
  const habits = { ...usual, depth: usual.depth * (0.6 + 0.8 * random.next()), noise: usual.noise * own };
  const base = random.logNormal(level, quantity === 'success' ? 0 : 0.5);
  const of = fieldLevel(random.fork('level'), habits, cadenceMs);
  const loud = fieldVolatility(random.fork('volatility'), habits, cadenceMs);
  const glitch = fieldGlitches(random.fork('glitches'), habits, cadenceMs);
  const noise = random.fork('noise');
  const traffic = random.logNormal(300, 0.7);
  const percent = random.next() < 0.5 ? 100 : 1;
  const isCount = quantity === 'views' || quantity === 'errors';
  const isWhole = isCount || quantity === 'gauge' || level <= 5;

  function spreadOf(mean: number, share: number): number {
    if (quantity === 'success') return habits.noise * percent * Math.sqrt((base * (1 - base)) / Math.max(15, traffic * share));
    return Math.hypot(habits.noise * mean, isCount ? Math.sqrt(mean + 0.3 * Number(quantity === 'errors')) : 0);
  }

  return {
    most: quantity === 'success' ? percent : Number.POSITIVE_INFINITY,
    step: (timeMs) => {
      const share = of(timeMs);
      const mean = quantity === 'success' ? percent * base : base * share;
      return { mean, spread: spreadOf(mean, share) * loud() };
    },
    draw: ({ mean, spread }, factor) => {
      const shaken = fieldNoise(noise, habits.freedom) * factor + directionOf(quantity) * glitch();
      const value =
        quantity === 'time' ? mean * Math.exp(Math.min(4, (spread / mean) * shaken)) : mean + spread * clampNoise(shaken, quantity);
      if (quantity === 'success') return Math.min(percent, Math.max(0, value));
      if (isCount && mean < 30) return noise.poisson(Math.max(0, mean * Math.exp(Math.min(2.5, habits.noise * shaken))));
      return Math.max(0, isWhole ? Math.round(value) : value);
    },
  };
}

const directionOf = (quantity: Quantity): number => (quantity === 'success' ? -1 : 1);

/** A success rate is skewed: what is above its mean is cut off. */
const clampNoise = (noise: number, quantity: Quantity): number => (quantity === 'success' ? Math.min(2, noise) : noise);
