/** A reproducible source of randomness. The same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** Log-normal with the given median and spread of the logarithm. */
  logNormal(median: number, sigma: number): number;
  /** Number of events when `mean` are expected (mean >= 0). */
  poisson(mean: number): number;
  /** Number of successes in `n` trials. */
  binomial(n: number, p: number): number;
  /** A source of its own for a part of the work: what one part draws does not change another. */
  fork(name: string): Random;
}

/** Hash of a text to 32 bits (FNV-1a with a final mix). */
function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Makes a source of randomness (sfc32) from a seed. */
export function createRandom(seed: string): Random {
  let a = hash32(`${seed}/a`);
  let b = hash32(`${seed}/b`);
  let c = hash32(`${seed}/c`);
  let counter = 1;
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 16; i++) next();
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    normal,
    below: (n) => Math.floor(next() * n),
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    poisson: (mean) => poisson(next, mean),
    binomial: (n, p) => binomial(next, n, p),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}

const SMALL_MEAN = 12;

/** Multiplication for small means, Hormann's transformed rejection (PTRS, 1993) above. Exact for both. */
function poisson(next: () => number, mean: number): number {
  if (mean <= 0) return 0;
  if (mean < SMALL_MEAN) {
    const limit = Math.exp(-mean);
    let product = next();
    let n = 0;
    while (product > limit) {
      product *= next();
      n++;
    }
    return n;
  }
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  const logMean = Math.log(mean);
  for (;;) {
    const u = next() - 0.5;
    const v = next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= k * logMean - mean - logFactorial(k)) return k;
  }
}

const LOG_FACTORIALS: number[] = [0];
for (let i = 1; i < 256; i++) LOG_FACTORIALS.push((LOG_FACTORIALS[i - 1] ?? 0) + Math.log(i));

function logFactorial(n: number): number {
  const known = LOG_FACTORIALS[n];
  if (known !== undefined) return known;
  const x = n + 1;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x * x * x);
}

/** By waiting times between successes: quick where n x p is small, which is where it is used. Exact. */
function binomial(next: () => number, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(next, n, 1 - p);
  const logMiss = Math.log(1 - p);
  let successes = 0;
  for (let trial = Math.floor(Math.log(1 - next()) / logMiss); trial < n; trial += 1 + Math.floor(Math.log(1 - next()) / logMiss))
    successes++;
  return successes;
}
