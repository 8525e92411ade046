import { quantileOfNats, tailNats } from '../normal.ts';

/** Judgement of one value. `score`: 1.0 is the bar. `expected` is NaN before the first value. */
export interface SeriesVerdict {
  readonly score: number;
  readonly z: number;
  readonly anomalous: boolean;
  readonly expected: number;
  readonly learning: boolean;
}

export interface SeriesOptions {
  /** Time between two values. */
  readonly cadenceMs: number;
}

/** False openings a day that one series may cost, and values to learn before it may open any. */
const FALSE_PER_DAY = 0.02;
const LEARN = 60;
const SLOTS = 288;
const DAY_MS = 86_400_000;
/** Kept of the errors of the predictors and of the scale from value to value. */
const ERROR_KEEP = 0.99;
const SCALE_KEEP = 0.995;
/** Kept of the running tail; its start is an exponential tail above z = 3. */
const TAIL_KEEP = 0.999;
const TAIL_SHARE = 0.02;

/** Judges a general numeric series (latency, queue, amount) value by value, in order of time: the expectation is a mix of
 *  the last value, a level and the level with its daily shape, weighted by how well each did; the scale is robust; the
 *  running tail of the error gives the evidence, and two of three values or one extreme one cross the bar.
 *  A missing value (NaN) is judged normal and teaches nothing. Deterministic. */
export function createSeriesDetector(options: SeriesOptions): (timeMs: number, value: number) => SeriesVerdict {
  const bar = Math.log(Math.max(1, DAY_MS / options.cadenceMs) / FALSE_PER_DAY);
  const shape = new Float64Array(SLOTS);
  const shapeSeen = new Float64Array(SLOTS);
  const errors = new Float64Array(3).fill(1e-12);
  const guesses = new Float64Array(3);
  let seen = 0;
  let last = Number.NaN;
  let level = Number.NaN;
  let scale = 0;
  let tailFrom = 3;
  let excess = 1;
  let previous = 0;
  let older = 0;
  let open = false;
  let quiet = 0;

  function expect(slot: number): number {
    guesses[0] = last;
    guesses[1] = level;
    guesses[2] = level + (shape[slot] ?? 0);
    let sum = 0;
    let weights = 0;
    for (let k = 0; k < 3; k++) {
      const weight = 1 / (errors[k] ?? 1) ** 2;
      sum += weight * (guesses[k] ?? 0);
      weights += weight;
    }
    return sum / weights;
  }

  function learn(slot: number, value: number, error: number, expected: number): void {
    const clipped = expected + Math.max(-4 * scale, Math.min(4 * scale, error));
    for (let k = 0; k < 3; k++) {
      const miss = Math.min(Math.abs(value - (guesses[k] ?? 0)), 6 * scale + 1e-12);
      errors[k] = Math.max(1e-12, (errors[k] ?? 0) * ERROR_KEEP + (1 - ERROR_KEEP) * miss);
    }
    const gain = Math.max(0.01, 1 / (seen + 1));
    level += gain * (clipped - (shape[slot] ?? 0) * Math.min(1, shapeSeen[slot] ?? 0) - level);
    const step = 1 / Math.min(10, (shapeSeen[slot] ?? 0) + 2);
    shape[slot] = (shape[slot] ?? 0) + step * (clipped - level - (shape[slot] ?? 0));
    shapeSeen[slot] = (shapeSeen[slot] ?? 0) + 1;
    const keep = Math.min(SCALE_KEEP, 1 - 1 / (seen + 1));
    scale = Math.max(
      1e-12,
      scale * keep + (1 - keep) * Math.min(Math.abs(error), seen < 10 ? Number.POSITIVE_INFINITY : 5 * scale) * 1.2533,
    );
  }

  /** Evidence in nats: normal body, exponential tail above a running quantile, never lighter than the normal one. */
  function natsOf(z: number): number {
    if (z <= tailFrom) return Math.min(tailNats(z), -Math.log(TAIL_SHARE));
    return -Math.log(TAIL_SHARE) + (z - tailFrom) / excess;
  }

  function learnTail(z: number): void {
    tailFrom = Math.max(1.5, tailFrom + 0.02 * ((z > tailFrom ? 1 : 0) - TAIL_SHARE) * 3);
    if (z > tailFrom) excess = Math.max(0.2, excess * 0.98 + 0.02 * Math.min(z - tailFrom, 6 * excess));
    else excess = excess * TAIL_KEEP + (1 - TAIL_KEEP) * Math.max(excess, 0.4);
  }

  return (timeMs, value) => {
    const slot = Math.floor((((timeMs % DAY_MS) + DAY_MS) % DAY_MS) / (DAY_MS / SLOTS));
    if (!Number.isFinite(value)) return { score: 0, z: 0, anomalous: open, expected: expect(slot), learning: seen < LEARN };
    if (seen === 0) {
      last = level = value;
      scale = Math.abs(value) * 0.1 + 1e-9;
      seen = 1;
      return { score: 0, z: 0, anomalous: false, expected: value, learning: true };
    }
    const expected = expect(slot);
    const error = value - expected;
    const z = Math.abs(error) / scale;
    const learning = seen < LEARN;
    const second = Math.max(Math.min(z, previous), Math.min(z, older));
    const nats = learning ? 0 : Math.max(natsOf(z), second > tailFrom ? 1.5 * natsOf(second) : 0);
    const score = nats / bar;
    if (score >= 1) {
      open = true;
      quiet = 0;
    } else if (open) {
      quiet = score < 0.4 ? quiet + 1 : 0;
      if (quiet >= 3) open = false;
    }
    learn(slot, value, error, expected);
    learnTail(z);
    older = previous;
    previous = z;
    last = value;
    seen++;
    return {
      score: Math.round(score * 1e4) / 1e4,
      z: Math.round(Math.sign(error) * Math.max(quantileOfNats(nats), Math.min(z, 3)) * 100) / 100,
      anomalous: open,
      expected,
      learning,
    };
  };
}
