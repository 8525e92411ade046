import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { SeriesPoint } from '@transaction-guardian/contracts/stats.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import { readSeries } from '../../read/series-reader.ts';
import { listScores } from '../../store/verbs/detector/list-scores.ts';
import type { MetricId } from '../grammar/metric-names.ts';
import type { TimeRange } from '../period/period.ts';
import type { ChatData } from '../turn.ts';

/** Metrics that are counted minute by minute. `rate`: share of approved, percent. */
export const SERIES_METRICS: Partial<Record<MetricId, Status | 'total' | 'rate'>> = {
  approval_rate: 'rate',
  volume: 'total',
  approved: 'approved',
  denied: 'denied',
  failed: 'failed',
  reversed: 'reversed',
  backend_reversed: 'backend_reversed',
  refunded: 'refunded',
};
export type SeriesMetric = Status | 'total' | 'rate';

/** One minute of a metric. `value`: null where nobody knows it (silence, or a rate of nothing). The band is null where the
 *  detector has none. Counts a minute, or percent of `rate`. */
export interface MetricPoint {
  readonly minute: number;
  /** What happened in the minute was seen, be it nothing. */
  readonly isKnown: boolean;
  readonly value: number | null;
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** All transactions of the minute. */
  readonly total: number;
  /** Those that the metric counts. */
  readonly count: number;
}

/** Canonical key of the node that a part of the traffic is judged as. */
export function nodeOf(slice: Slice, status?: Status): string {
  if (slice.merchant_id !== undefined)
    return status === undefined ? `merchant:${slice.merchant_id}` : `merchant_status:${slice.merchant_id}:${status}`;
  if (slice.acquirer !== undefined) return `acquirer:${slice.acquirer}${status === undefined ? '' : `:${status}`}`;
  if (slice.auth_code !== undefined) return `auth_code:${slice.auth_code}`;
  return status === undefined ? 'fleet' : `status:${status}`;
}

/** The closed minutes of a metric, oldest first, as the console draws them. */
export async function readMetric(data: ChatData, metric: SeriesMetric, slice: Slice, range: TimeRange): Promise<MetricPoint[]> {
  const status = metric === 'total' ? undefined : metric === 'rate' ? 'approved' : metric;
  // The node names the band; the counts are those of the slice, all statuses.
  const [points, totals] = await Promise.all([
    readSeries(data.database, data.minutes, nodeOf(slice, status), slice, range),
    metric === 'rate' ? listScores(data.database, { node: nodeOf(slice), ...range }) : [],
  ]);
  const expected = new Map(totals.map((score) => [score.minute, score.state === 'learning' ? null : score.expected]));
  return points.map((point) => pointOf(point, metric, expected.get(Date.parse(point.minute)) ?? null));
}

function pointOf(point: SeriesPoint, metric: SeriesMetric, expectedTotal: number | null): MetricPoint {
  const { total, by_status, state } = point;
  const count = metric === 'total' ? total : (by_status[metric === 'rate' ? 'approved' : metric] ?? 0);
  const isKnown = state === 'observed' || state === 'zero';
  const base = { minute: Date.parse(point.minute), isKnown, total, count };
  if (metric !== 'rate') {
    return { ...base, value: isKnown ? count : null, expected: point.expected, low: point.expected_low, high: point.expected_high };
  }
  const share =
    expectedTotal === null || expectedTotal <= 0 || point.expected === null ? null : Math.min(1, point.expected / expectedTotal);
  return { ...base, value: isKnown && total > 0 ? (100 * count) / total : null, ...rateBand(share, total) };
}

/** Normal quantile of 99 %, both sides. */
const Z_99 = 2.576;

/** Percent in which a share falls in 99 of 100 draws of `total` transactions (Wilson's interval around `share`). */
export function rateBand(share: number | null, total: number): Pick<MetricPoint, 'expected' | 'low' | 'high'> {
  if (share === null || total <= 0) return { expected: share === null ? null : 100 * share, low: null, high: null };
  const squared = Z_99 ** 2 / total;
  const middle = (share + squared / 2) / (1 + squared);
  const half = (Z_99 / (1 + squared)) * Math.sqrt((share * (1 - share)) / total + squared / (4 * total));
  return { expected: 100 * share, low: 100 * Math.max(0, middle - half), high: 100 * Math.min(1, middle + half) };
}

/** What a metric shows now beside what was expected: of a count the newest minute, of a rate the newest five minutes. */
export interface MetricNow {
  readonly from: number;
  readonly to: number;
  readonly value: number | null;
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const RATE_MINUTES = 5;
const MINUTE_MS = 60_000;

/** Null without a minute. */
export function metricNow(points: readonly MetricPoint[], metric: SeriesMetric): MetricNow | null {
  const last = points.at(-1);
  if (last === undefined) return null;
  if (metric !== 'rate') return { ...last, from: last.minute, to: last.minute + MINUTE_MS };
  const lately = points.slice(-RATE_MINUTES);
  const total = lately.reduce((sum, point) => sum + point.total, 0);
  const approved = lately.reduce((sum, point) => sum + point.count, 0);
  const shares = lately.flatMap(({ expected }) => (expected === null ? [] : [expected / 100]));
  const share = shares.length === 0 ? null : shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const isKnown = lately.every(({ value, total: n }) => value !== null || n === 0) && total > 0;
  return {
    from: lately[0]?.minute ?? last.minute,
    to: last.minute + MINUTE_MS,
    value: isKnown ? (100 * approved) / total : null,
    ...rateBand(share, total),
  };
}
