import { clampTo } from './running-scale.ts';
import { createTail, type RunningTail } from './tail.ts';

/** One error counts at most this many scales; errors below the allowance take from the sum; it holds at most so much. */
const MOST_ERROR = 3;
const ALLOWANCE = 1;
const MOST_SUM = 16;
/** Kept of a sum when an error is to the other side. */
const KEPT = 0.5;
/** Values that the level before a lasting error is old, over which it forgets, and scales that one value moves it at most. */
const LAG = 10;
const LEVEL = 40;
const LEVEL_CLIP = 2;
/** Gain and most of the correlation of an error with the one before. */
const CORRELATION_GAIN = 0.003;
const MOST_CORRELATION = 0.95;
/** Sums of errors that are cut off have an exponential tail. What is known of it beforehand counts as forty sums. */
const SUM_TAIL = { knee: Number.POSITIVE_INFINITY, firstExcess: 2, firstWeight: 40, mostWeight: 200, excessReturn: 0, excessClip: 4 };

/** Evidence in nats of errors that last: a cumulative sum (Page 1954) of errors against the level before them, upwards and
 *  downwards, by how high such sums usually grow before they end. One error counts little in it, some in a row count whole;
 *  it speaks while the sum grows beyond its own height. Takes an error and the usual size of errors. */
export function createLastingSum(): (error: number, scale: number) => number {
  const levels = new Float64Array(LAG);
  const independent = createIndependence();
  const tail = createTail(SUM_TAIL);
  const [up, down] = [createExcursion(tail), createExcursion(tail)];
  let [level, seen] = [0, 0];
  return (error, scale) => {
    const before = levels[seen % LAG] ?? 0;
    const unusual = independent(scale === 0 ? 0 : clampTo((error - before) / scale, MOST_ERROR));
    level += clampTo(error - level, LEVEL_CLIP * scale) / LEVEL;
    levels[seen % LAG] = level;
    seen++;
    return seen <= LAG ? 0 : tail.nats(Math.max(up(unusual), down(-unusual)));
  };
}

/** Makes errors smaller by as much as the sum of errors that depend on the ones before is larger than that of independent
 *  ones (first-order autoregression; Johnson and Bagshaw 1974). */
function createIndependence(): (error: number) => number {
  let [power, product, last] = [1, 0, 0];
  return (error) => {
    power += CORRELATION_GAIN * (error * error - power);
    product += CORRELATION_GAIN * (error * last - product);
    last = error;
    const correlation = Math.max(0, Math.min(MOST_CORRELATION, product / Math.max(power, 1e-9)));
    return error * Math.sqrt((1 - correlation) / (1 + correlation));
  };
}

/** A sum to one side, given where it is higher than since its start, else 0; its height is learnt when it ends, so that a
 *  long incident is one sum among many. */
function createExcursion(tail: RunningTail): (unusual: number) => number {
  let [sum, height] = [0, 0];
  return (unusual) => {
    const grown = sum + unusual - ALLOWANCE;
    sum = unusual < 0 ? KEPT * grown : Math.min(MOST_SUM, grown);
    if (sum > height) return (height = sum);
    if (sum <= 0) {
      if (height > 0) tail.learn(height);
      sum = height = 0;
    }
    return 0;
  };
}
