/** Largest mean for which the tail is summed term by term; above it the count is as good as continuous. */
const EXACT_MEAN = 400;

/** Quantile of a count of this mean and variance: the smallest k with P(count <= k) >= p. A Gamma-mixed Poisson (negative
 *  binomial), Poisson where the variance is no larger than the mean. `z`: normal quantile of `p`, for large counts, which
 *  are taken as Gamma (Wilson and Hilferty, PNAS 1931). */
export function countQuantile(mean: number, variance: number, p: number, z: number): number {
  if (mean <= 0) return 0;
  if (mean > EXACT_MEAN) return Math.round(gammaQuantile(mean, Math.max(variance, mean), z));
  const excess = variance - mean;
  const size = excess > 1e-9 * mean ? (mean * mean) / excess : Number.POSITIVE_INFINITY;
  const share = size < Number.POSITIVE_INFINITY ? mean / (mean + size) : 0;
  let term = size < Number.POSITIVE_INFINITY ? Math.exp(-size * Math.log1p(mean / size)) : Math.exp(-mean);
  let sum = term;
  const most = mean + 12 * Math.sqrt(Math.max(variance, mean)) + 20;
  let k = 0;
  while (sum < p && k < most) {
    // Ratio of neighbouring terms of the negative binomial; of the Poisson in the limit.
    term *= size < Number.POSITIVE_INFINITY ? ((size + k) / (k + 1)) * share : mean / (k + 1);
    sum += term;
    k++;
  }
  return k;
}

function gammaQuantile(mean: number, variance: number, z: number): number {
  const shape = (mean * mean) / variance;
  const root = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape));
  return mean * Math.max(0, root) ** 3;
}

/** The level of a day errs with heavier tails than the normal: as a Student t with five degrees of freedom of the same
 *  variance. These are the squares of its quantiles over those of the normal, at 80 % and at 99 %. */
const T_80 = 0.796;
const T_99 = 1.467;

/** Intervals that hold a count with 80 % and with 99 %, ends included. `noise`: variance of the count around its mean,
 *  `error`: variance of the mean itself. */
export function countBands(mean: number, noise: number, error: number): { low80: number; high80: number; low99: number; high99: number } {
  const [middle, most] = [noise + T_80 * error, noise + T_99 * error];
  return {
    low80: countQuantile(mean, middle, 0.1, -1.2816),
    high80: countQuantile(mean, middle, 0.9, 1.2816),
    low99: countQuantile(mean, most, 0.005, -2.5758),
    high99: countQuantile(mean, most, 0.995, 2.5758),
  };
}
