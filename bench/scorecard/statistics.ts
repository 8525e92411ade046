/** Upper end of the 95 % confidence interval of a Poisson mean after `events` were seen (one-sided, exact). */
export function poissonUpper(events: number): number {
  let low = events;
  let high = events + 10 * Math.sqrt(events + 1) + 10;
  for (let round = 0; round < 60; round++) {
    const mean = (low + high) / 2;
    if (atMost(events, mean) > 0.05) low = mean;
    else high = mean;
  }
  return high;
}

/** P(N <= events) for a Poisson count. */
function atMost(events: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let n = 1; n <= events; n++) {
    term *= mean / n;
    sum += term;
  }
  return sum;
}

/** Half width of the 95 % interval of a share that was measured `trials` times (Wilson). */
export function shareMargin(share: number, trials: number): number {
  const z2 = 1.96 ** 2;
  return (1.96 * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials ** 2))) / (1 + z2 / trials);
}

/** Two-sided sign test: the chance that of `worse + better` fair coins at least as many fall on one side. 1 without any. */
export function signTest(worse: number, better: number): number {
  const trials = worse + better;
  let term = 0.5 ** trials;
  let tail = 0;
  for (let heads = 0; heads <= Math.min(worse, better); heads++) {
    tail += term;
    term *= (trials - heads) / (heads + 1);
  }
  return Math.min(1, 2 * tail);
}
