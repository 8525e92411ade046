import type { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';

/** How long answers of one minute took. `p50`, `p99`: seconds, null without an answer. */
export interface LatencyMinute {
  /** Start of the minute, epoch milliseconds. */
  readonly minute: number;
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Keeps the last hour. */
export interface LatencyMinutes {
  /** Takes the minute that ends now. */
  take(): Promise<void>;
  read(): readonly LatencyMinute[];
}

const KEPT = 60;
/** Answers that last for as long as somebody listens. */
const ENDLESS = '/stream';

/** Bucket bounds in seconds, and how many answers were no longer than each. */
type Buckets = ReadonlyMap<number, number>;

/** Makes minutes of the histogram of requests in a registry. */
export function createLatencyMinutes(registry: Registry, clock: Clock): LatencyMinutes {
  let before: Buckets = new Map();
  const minutes: LatencyMinute[] = [];
  return {
    async take() {
      const now = await bucketsOf(registry);
      const passed = [...now].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const).sort(([a], [b]) => a - b);
      before = now;
      const count = passed.at(-1)?.[1] ?? 0;
      const minute = Math.floor((clock.now() - 1) / 60_000) * 60_000;
      minutes.push({ minute, count, p50: quantileOf(passed, 0.5), p99: quantileOf(passed, 0.99) });
      if (minutes.length > KEPT) minutes.shift();
    },
    read: () => [...minutes],
  };
}

async function bucketsOf(registry: Registry): Promise<Buckets> {
  const metric = await registry.getSingleMetric('guardian_http_request_seconds')?.get();
  const sums = new Map<number, number>();
  for (const { value, labels, ...rest } of metric?.values ?? []) {
    const { le, route } = labels as { readonly le?: string | number; readonly route?: string };
    const name = 'metricName' in rest ? String(rest.metricName) : '';
    if (le === undefined || !name.endsWith('_bucket') || route?.endsWith(ENDLESS) === true) continue;
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    sums.set(bound, (sums.get(bound) ?? 0) + value);
  }
  return sums;
}

/** A quantile of counts by upper bound, as Prometheus interpolates it; beyond the last bound, that bound. */
function quantileOf(buckets: readonly (readonly [number, number])[], share: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  const rank = share * total;
  let [lower, below] = [0, 0];
  for (const [bound, count] of buckets) {
    if (count >= rank) return Number.isFinite(bound) ? lower + ((bound - lower) * (rank - below)) / Math.max(1, count - below) : lower;
    [lower, below] = [bound, count];
  }
  return lower;
}
