const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const MISSING = '·';

/** A line of bars, one for each value, from the lowest to the highest; a value that nobody knows is a dot. `flat`: how high a line
 *  is that does not change, a share of the bars; a line of zeros is the lowest. */
export function sparkline(values: readonly (number | null)[], flat = 0.4): string {
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (value === null) return MISSING;
      const share = most - least <= 1e-9 * Math.max(1, Math.abs(most)) ? (most === 0 ? 0 : flat) : (value - least) / (most - least);
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? MISSING;
    })
    .join('');
}
