/** Numbers that look random and are the same for the same seed. */
export interface SeededNumbers {
  /** Uniform in [0, 1). */
  next(): number;
  /** Integer in [0, below). */
  below(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** Poisson count with this mean. */
  poisson(mean: number): number;
}

/** Seeded generator (mulberry32). Not for secrets. */
export function seededNumbers(seed: number): SeededNumbers {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const poisson = (mean: number): number => {
    // Parts keep the product method exact and short for large means.
    if (mean > 30) {
      const parts = Math.ceil(mean / 20);
      let sum = 0;
      for (let part = 0; part < parts; part++) sum += poisson(mean / parts);
      return sum;
    }
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = next(); product > limit; product *= next()) count++;
    return count;
  };
  return { next, below: (below) => Math.floor(next() * below), normal, poisson };
}
