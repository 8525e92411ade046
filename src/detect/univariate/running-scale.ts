/** Kept of a scale from value to value; a value counts at most this many scales. */
const KEEP = 0.997;
const CLIP = 6;
const MEAN_TO_SD = Math.sqrt(Math.PI / 2);

/** Running robust size of a quantity with mean zero; about its standard deviation when it is normal. */
export interface RunningScale {
  readonly value: number;
  /** `least`: what a value may always count, so that a scale of zero can grow. */
  learn(quantity: number, least: number): void;
}

/** A scale that starts as the plain mean of what it saw and then forgets. The first ten values are not clipped. */
export function createRunningScale(): RunningScale {
  let value = 0;
  let seen = 0;
  return {
    get value() {
      return value;
    },
    learn: (quantity, least) => {
      seen++;
      const size = Math.abs(quantity) * MEAN_TO_SD;
      const keep = Math.min(KEEP, 1 - 1 / seen);
      value = keep * value + (1 - keep) * (seen <= 10 ? size : Math.min(size, CLIP * value + least));
    },
  };
}

/** `x` brought into the range from minus `limit` to `limit`. */
export const clampTo = (x: number, limit: number): number => Math.max(-limit, Math.min(limit, x));
