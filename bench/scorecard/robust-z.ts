/** Values before a value that tell its level, and distances that tell the scale. */
const LEVEL_WINDOW = 30;
const SCALE_WINDOW = 240;
const DAYS = 5;
/** Values between two looks at the scale. */
const SCALE_EVERY = 20;

/** A plain robust z, to compare with: distance to the median of the window before, or of the same time of the days before
 *  where that is nearer, in units of the median absolute deviation of such distances. `period`: points a day. */
export function judgeByRobustZ(values: readonly number[], period: number): Float64Array {
  const scores = new Float64Array(values.length);
  const recent: number[] = [];
  const distances: number[] = [];
  let usual = 0;
  for (const [index, value] of values.entries()) {
    const days: number[] = [];
    for (let day = 1; day <= DAYS && index - day * period >= 0; day++) days.push(values[index - day * period] ?? 0);
    const level = medianOf(recent);
    const near = days.length >= 2 ? [value - level, value - medianOf(days)] : [value - level];
    const distance = Math.min(...near.map(Math.abs));
    if (index % SCALE_EVERY === 0) usual = 1.4826 * medianOf(distances);
    scores[index] = distances.length < 60 ? 0 : distance / (usual + 0.02 * Math.abs(level) + 1e-9);
    push(recent, value, LEVEL_WINDOW);
    push(distances, distance, SCALE_WINDOW);
  }
  return scores;
}

function push(window: number[], value: number, length: number): void {
  window.push(value);
  if (window.length > length) window.shift();
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
