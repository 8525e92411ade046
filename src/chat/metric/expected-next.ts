import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { ForecastStep } from '@transaction-guardian/contracts/forecast.ts';
import { isGuardianError } from '../../errors.ts';
import type { ChatData } from '../turn.ts';
import { nodeOf, rateBand, readMetric, type MetricNow, type SeriesMetric } from './series.ts';

const DAY_MS = 86_400_000;
/** Minutes with transactions from which the share of a day says what is usual. */
const LEAST_MINUTES = 60;

/** What is expected of a part of the traffic whose scores are not kept: of a count the detector's forecast of the next minute, of a rate
 *  that of the day before `now`, since the forecast of the volume follows a wave of denials. Nulls while nobody knows. */
export async function expectedNext(
  data: ChatData,
  metric: SeriesMetric,
  slice: Slice,
  now: { readonly from: number; readonly total: number },
): Promise<Pick<MetricNow, 'expected' | 'low' | 'high'>> {
  const { from, total } = now;
  if (metric === 'rate') {
    const day = (await readMetric(data, metric, slice, { from: from - DAY_MS, to: from })).filter((point) => point.total > 0);
    const sum = (of: 'count' | 'total'): number => day.reduce((whole, point) => whole + point[of], 0);
    if (day.length >= LEAST_MINUTES) return rateBand(sum('count') / sum('total'), total);
    const [approved, all] = await Promise.all([stepOf(data, slice, 'approved'), stepOf(data, slice)]);
    const share = approved === null || all === null || all.expected <= 0 ? null : Math.min(1, approved.expected / all.expected);
    return rateBand(share, total);
  }
  const step = await stepOf(data, slice, metric === 'total' ? undefined : metric);
  return step === null ? { expected: null, low: null, high: null } : { expected: step.expected, low: step.low99, high: step.high99 };
}

async function stepOf(
  { forecast }: ChatData,
  slice: Slice,
  status?: Exclude<SeriesMetric, 'rate' | 'total'>,
): Promise<ForecastStep | null> {
  // A code has its status in itself.
  const named = status === undefined || slice.auth_code !== undefined ? slice : { ...slice, status };
  try {
    const answer = await forecast({ node: nodeOf(slice, status), slice: named, minutes: 1, step: 1 });
    const step = answer?.items[0];
    return step === undefined || step.learning ? null : step;
  } catch (error) {
    if (isGuardianError(error)) return null;
    throw error;
  }
}
