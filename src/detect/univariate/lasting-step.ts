/** Values that must agree, and values over which the level before them forgets. */
const VALUES = 3;
const LEVEL = 10;

/** Size of a step that lasts: the median of the last three errors less the level before them. One outlier does not move
 *  it, a step moves it whole with its second value. `most`: how far one error moves the level. 0 for the first values. */
export function createLastingStep(): (error: number, most: number) => number {
  const errors = new Float64Array(VALUES);
  const levels = new Float64Array(VALUES + 1);
  let level = 0;
  let seen = 0;
  return (error, most) => {
    errors[seen % VALUES] = error;
    const before = levels[(seen + 1) % levels.length] ?? 0;
    level += Math.max(-most, Math.min(most, error - level)) / LEVEL;
    levels[seen % levels.length] = level;
    seen++;
    const [first = 0, second = 0, third = 0] = errors;
    const median = Math.max(Math.min(first, second), Math.min(Math.max(first, second), third));
    return seen <= VALUES ? 0 : median - before;
  };
}
