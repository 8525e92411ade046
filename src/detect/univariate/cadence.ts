const STEPS = 15;

/** Finds the time between two values of a stream: the median of its first 15 positive steps. Gives milliseconds, or null
 *  until it is known; then it does not change. */
export function createCadence(): (timeMs: number) => number | null {
  const steps: number[] = [];
  let last = Number.NaN;
  let cadence: number | null = null;
  return (timeMs) => {
    if (cadence !== null) return cadence;
    if (timeMs > last) steps.push(timeMs - last);
    last = timeMs;
    if (steps.length === STEPS) cadence = steps.sort((a, b) => a - b)[STEPS >> 1] ?? null;
    return cadence;
  };
}
