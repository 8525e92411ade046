/** A bucket for each address. */
export interface RateLimit {
  /** Takes one; false when the bucket is empty. */
  take(address: string): boolean;
}

const MOST_ADDRESSES = 1000;

/** `burst` at once, then `perMinute`. `now`: milliseconds that only grow. */
export function createRateLimit(perMinute: number, burst: number, now: () => number): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(address) {
      const at = now();
      const known = buckets.get(address) ?? { left: burst, at };
      const left = Math.min(burst, known.left + ((at - known.at) * perMinute) / 60_000);
      buckets.delete(address);
      buckets.set(address, { left: left >= 1 ? left - 1 : left, at });
      const [oldest] = buckets.keys();
      if (buckets.size > MOST_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
      return left >= 1;
    },
  };
}
