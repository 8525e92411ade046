/** Signed root of the deviance of a count under a negative binomial of mean `mean` and variance `mean * dispersion`
 *  (Poisson when the dispersion is 1), with continuity correction: about standard normal. Counts are per minute. */
export function countZ(observed: number, mean: number, dispersion: number): number {
  return observed > mean
    ? devianceZ(Math.max(observed - 0.5, mean), mean, dispersion)
    : devianceZ(Math.min(observed + 0.5, mean), mean, dispersion);
}

/** The same without continuity correction: its tail is about the mid-p value of the count. */
export function devianceZ(observed: number, mean: number, dispersion: number): number {
  if (mean <= 0) return 0;
  const size = dispersion > 1.0001 ? mean / (dispersion - 1) : Number.POSITIVE_INFINITY;
  const first = observed > 0 ? observed * Math.log(observed / mean) : 0;
  const half = size < 1e9 ? first - (observed + size) * Math.log((observed + size) / (mean + size)) : first - (observed - mean);
  const root = Math.sqrt(2 * Math.max(0, half));
  return observed > mean ? root : -root;
}

/** Log-likelihood ratio, in nats, of "the mean is `ratio` times as large" for a quasi-Poisson count. */
export function ratioNats(observed: number, mean: number, dispersion: number, ratio: number): number {
  return (observed * Math.log(ratio) - mean * (ratio - 1)) / dispersion;
}

/** Interval that holds a count of this mean and dispersion in about 99 % of minutes. */
export function band(mean: number, dispersion: number): { low: number; high: number } {
  const sd = Math.sqrt(mean * dispersion);
  return { low: Math.max(0, Math.floor(mean - 2.6 * sd)), high: Math.ceil(mean + 2.6 * sd + 0.6) };
}
