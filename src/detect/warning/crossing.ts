/** Minutes of evidence that a drift is judged by, and the last ones, which show whether it slows down. */
export const DRIFT_MINUTES = 25;
const LATE_MINUTES = 10;
/** Share of the threshold that the evidence must have reached. */
const LEAST_SHARE = 0.5;
/** Slope over its standard error: a drift is steady, not a step and not noise. */
const LEAST_STEADY = 4;
/** Minutes to the threshold that are reported: less is no warning any more, more is not known well enough. */
export const SOONEST_MINUTES = 5;
export const LATEST_MINUTES = 30;

/** A steady drift of the evidence of a row. */
export interface Crossing {
  /** Minutes until it reaches the threshold at its pace. */
  readonly minutes: number;
  /** Evidence now, as a share of the threshold. */
  readonly share: number;
  /** What the drift is worth by itself, as a share of the threshold: a drift that stops loses it. */
  readonly strength: number;
}

interface Line {
  readonly slope: number;
  readonly error: number;
  readonly end: number;
}

/** Reads `DRIFT_MINUTES` shares of the threshold, oldest first, from `from` on in `shares`: when a line through them reaches 1.
 *  Null unless the evidence was there in every minute, is half-way up, and rises steadily enough to cross soon. Evidence
 *  that slows down counts with its later pace. */
export function crossingOf(shares: Float64Array, from: number): Crossing | null {
  for (let k = 0; k < DRIFT_MINUTES; k++) if (!((shares[from + k] as number) > 0)) return null;
  const whole = lineOf(shares, from, DRIFT_MINUTES);
  if (whole.end < LEAST_SHARE || whole.slope < LEAST_STEADY * whole.error) return null;
  const slope = Math.min(whole.slope, lineOf(shares, from + DRIFT_MINUTES - LATE_MINUTES, LATE_MINUTES).slope);
  const minutes = slope > 0 ? (1 - whole.end) / slope : Number.POSITIVE_INFINITY;
  if (minutes < SOONEST_MINUTES || minutes > LATEST_MINUTES) return null;
  return { minutes, share: whole.end, strength: whole.end };
}

/** Value at the end of the line through the shares of a row, whether it drifts or not. */
export const shareAtEnd = (shares: Float64Array, from: number): number => lineOf(shares, from, DRIFT_MINUTES).end;

/** Least squares over `count` values; `error`: standard error of the slope. */
function lineOf(values: Float64Array, from: number, count: number): Line {
  const middle = (count - 1) / 2;
  let mean = 0;
  for (let k = 0; k < count; k++) mean += (values[from + k] as number) / count;
  let squares = 0;
  let products = 0;
  for (let k = 0; k < count; k++) {
    squares += (k - middle) ** 2;
    products += (k - middle) * ((values[from + k] as number) - mean);
  }
  const slope = products / squares;
  let rest = 0;
  for (let k = 0; k < count; k++) rest += ((values[from + k] as number) - mean - slope * (k - middle)) ** 2;
  return { slope, error: Math.sqrt(rest / (count - 2) / squares) + 1e-9, end: mean + slope * middle };
}
