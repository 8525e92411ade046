/** Negative log of the upper tail of the standard normal, in nats, for any z >= 0 (asymptotic series above 5). */
export function tailNats(z: number): number {
  if (z < 5) return -Math.log(upperTail(z));
  const r = 1 / (z * z);
  return 0.5 * z * z + Math.log(z) + 0.918938533204673 - Math.log1p(-r * (1 - 3 * r * (1 - 5 * r)));
}

/** P(Z > z) of the standard normal for z >= 0; relative error below 2e-7 up to z = 6 (Numerical Recipes erfc). */
export function upperTail(z: number): number {
  const x = z * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * x);
  const poly =
    -1.26551223 +
    t *
      (1.00002368 +
        t *
          (0.37409196 +
            t *
              (0.09678418 +
                t * (-0.18628806 + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  return 0.5 * t * Math.exp(-x * x + poly);
}

/** The z whose upper tail is exp(-nats); 0 when the tail is a half or more. Inverse of `tailNats` (Newton). */
export function quantileOfNats(nats: number): number {
  if (!(nats > Math.LN2)) return 0;
  let z = Math.sqrt(2 * nats) - (nats > 4 ? Math.log(Math.sqrt(2 * nats) * 2.5066) / Math.sqrt(2 * nats) : 0.8);
  if (z < 0.05) z = 0.05;
  for (let round = 0; round < 4; round++) {
    const error = tailNats(z) - nats;
    const slope = z + 1 / (z + 1.2533 / (1 + z * z));
    z = Math.max(0, z - error / slope);
  }
  return z;
}
