import type { Random } from '../../src/simulate/random.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** How a kind of series behaves when nothing is wrong. `mean` is called once for every step, in order of time. */
export interface Process {
  mean(timeMs: number): number;
  /** Usual size of the noise around a mean. */
  spread(mean: number): number;
  /** One value; `noise` is a factor on the spread. */
  draw(mean: number, noise: number): number;
  /** Range that a mean cannot leave. */
  readonly least: number;
  readonly most: number;
}

/** Curve of a day around 1: two humps and a night, and a quieter weekend; every series has its own. */
export function dayCurve(random: Random, depth: number): (timeMs: number) => number {
  const [phase, second, weekend] = [random.next(), 0.5 * random.next(), 0.6 + 0.4 * random.next()];
  const days = new Map<number, number>();
  return (timeMs) => {
    const day = Math.floor(timeMs / DAY_MS);
    if (!days.has(day)) days.set(day, 1 + 0.04 * random.normal());
    const angle = 2 * Math.PI * (timeMs / DAY_MS + phase);
    const shape = Math.exp(depth * (Math.sin(angle) + second * Math.sin(2 * angle + 1)) - depth * 0.6);
    return shape * (day % 7 === 2 || day % 7 === 3 ? weekend : 1) * Math.max(0.7, days.get(day) ?? 1);
  };
}

/** A slow walk around zero with deviation 1 that forgets in about `hours`. */
export function wander(random: Random, cadenceMs: number, hours: number): () => number {
  const keep = Math.exp(-cadenceMs / (hours * HOUR_MS));
  let at = 0;
  return () => (at = keep * at + Math.sqrt(1 - keep * keep) * random.normal());
}

/** Noise with deviation about 1 and somewhat heavy tails (Student, 5 degrees of freedom). */
function heavy(random: Random): number {
  let sum = 0;
  for (let k = 0; k < 5; k++) sum += random.normal() ** 2;
  return (random.normal() * Math.sqrt(0.6)) / Math.sqrt(sum / 5);
}

/** Makes a process with properties of its own. */
export type MakeProcess = (random: Random, cadenceMs: number) => Process;

/** Page views: smooth curves of day and week, noise that grows with the level. */
export const pageViews: MakeProcess = (random, cadenceMs) => {
  const [level, noise, depth] = [random.logNormal(1500, 0.8), 0.015 + 0.05 * random.next(), 0.3 + 0.9 * random.next()];
  const [curve, drift] = [dayCurve(random, depth), wander(random, cadenceMs, 2)];
  const spread = (mean: number): number => Math.sqrt((noise * mean) ** 2 + mean);
  return {
    mean: (timeMs) => level * curve(timeMs) * Math.exp(0.6 * noise * drift()),
    spread,
    draw: (mean, factor) => Math.max(0, Math.round(mean + factor * spread(mean) * heavy(random))),
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
};

/** Counts of a few a minute, slightly overdispersed. */
export const lowCounts: MakeProcess = (random) => {
  const [level, depth, clump] = [1 + 9 * random.next(), 0.2 + 0.8 * random.next(), 0.25 * random.next()];
  const curve = dayCurve(random, depth);
  return {
    mean: (timeMs) => level * curve(timeMs),
    spread: (mean) => Math.sqrt(mean + (clump * mean) ** 2),
    draw: (mean, factor) => random.poisson(mean * Math.exp(factor * clump * random.normal())),
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
};

/** Latencies: skewed, with heavy tails, hardly a curve. */
export const latency: MakeProcess = (random, cadenceMs) => {
  const [level, sigma, depth] = [random.logNormal(80, 0.7), 0.08 + 0.25 * random.next(), 0.25 * random.next()];
  const [curve, drift] = [dayCurve(random, depth), wander(random, cadenceMs, 3)];
  return {
    mean: (timeMs) => level * curve(timeMs) * Math.exp(0.4 * sigma * drift()),
    spread: (mean) => sigma * mean,
    draw: (mean, factor) => mean * Math.exp(factor * sigma * heavy(random)),
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
};

/** Success rates near 1 or 100, as good as their traffic. */
export const successRate: MakeProcess = (random) => {
  const [scale, share, traffic] = [random.next() < 0.5 ? 1 : 100, 0.95 + 0.049 * random.next(), random.logNormal(600, 0.8)];
  const curve = dayCurve(random, 0.6);
  let trials = traffic;
  const spread = (mean: number): number => {
    const p = Math.min(0.9999, Math.max(0.0001, mean / scale));
    return scale * Math.sqrt((p * (1 - p)) / trials);
  };
  return {
    mean: (timeMs) => {
      trials = Math.max(20, Math.round(traffic * curve(timeMs)));
      return scale * share;
    },
    spread,
    draw: (mean, factor) => {
      const p = Math.min(1, Math.max(0, mean / scale + ((factor - 1) * spread(mean) * random.normal()) / scale));
      return (scale * (trials - random.binomial(trials, 1 - p))) / trials;
    },
    least: 0,
    most: scale,
  };
};

/** Error counts: nearly always zero, now and then a few at once. */
export const errors: MakeProcess = (random) => {
  const [level, clumps] = [0.02 + 0.4 * random.next(), 0.002 * random.next()];
  return {
    mean: () => level,
    spread: (mean) => Math.sqrt(mean + 0.3),
    draw: (mean) => random.poisson(mean) + (random.next() < clumps ? random.poisson(3) : 0),
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
};

/** A gauge that moves in steps. */
export const quantised: MakeProcess = (random, cadenceMs) => {
  const [level, step, depth] = [50 + 100 * random.next(), 1 + random.below(5), 0.3 * random.next()];
  const [curve, drift] = [dayCurve(random, depth), wander(random, cadenceMs, 6)];
  return {
    mean: (timeMs) => level * curve(timeMs) + 2 * step * drift(),
    spread: () => step,
    draw: (mean, factor) => Math.max(0, step * Math.round(mean / step + 0.5 * factor * random.normal())),
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
};

/** A level that drifts and has a trend. */
export const drifting: MakeProcess = (random, cadenceMs) => {
  const [level, noise, trend] = [random.logNormal(300, 0.6), 0.01 + 0.03 * random.next(), 0.02 * random.normal()];
  const curve = dayCurve(random, 0.5 * random.next());
  const [walk, drift] = [wander(random, cadenceMs, 200), wander(random, cadenceMs, 1)];
  let first = Number.NaN;
  return {
    mean: (timeMs) => {
      if (Number.isNaN(first)) first = timeMs;
      return level * Math.exp((trend * (timeMs - first)) / DAY_MS + 0.15 * walk() + 0.8 * noise * drift()) * curve(timeMs);
    },
    spread: (mean) => noise * mean,
    draw: (mean, factor) => mean + factor * noise * mean * heavy(random),
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
};

/** Noise around a level, without a curve. */
export const stationary: MakeProcess = (random, cadenceMs) => {
  const [level, noise] = [random.logNormal(40, 1), 0.05 + 0.2 * random.next()];
  const drift = wander(random, cadenceMs, 0.5 + 2 * random.next());
  return {
    mean: () => level * (1 + 0.5 * noise * drift()),
    spread: () => noise * level,
    draw: (mean, factor) => Math.max(0, mean + factor * noise * level * heavy(random)),
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
};

/** Jobs that run every day, some minutes early or late and not always as big, on top of a smooth series. */
export const dailyJobs: MakeProcess = (random, cadenceMs) => {
  const base = pageViews(random, cadenceMs);
  const jobs = Array.from({ length: 1 + random.below(3) }, () => ({
    at: random.next() * DAY_MS,
    jitterMs: 600_000 * random.next(),
    lengthMs: (10 + 40 * random.next()) * 60_000,
    height: 0.5 + 1.5 * random.next(),
  }));
  const runs = new Map<string, { start: number; height: number }>();
  const runOf = (job: number, day: number): { start: number; height: number } => {
    const key = `${job}/${day}`;
    const { at = 0, jitterMs = 0, height = 0 } = jobs[job] ?? {};
    const run = runs.get(key) ?? {
      start: day * DAY_MS + at + jitterMs * random.normal(),
      height: height * (0.85 + 0.3 * random.next()),
    };
    runs.set(key, run);
    return run;
  };
  return {
    ...base,
    mean: (timeMs) => {
      const day = Math.floor(timeMs / DAY_MS);
      const running = jobs.flatMap(({ lengthMs }, job) =>
        [day - 1, day].flatMap((one) => {
          const { start, height } = runOf(job, one);
          return timeMs >= start && timeMs < start + lengthMs ? [height] : [];
        }),
      );
      return base.mean(timeMs) * (1 + running.reduce((sum, height) => sum + height, 0));
    },
  };
};
