import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { ForecastStep } from '@transaction-guardian/contracts/forecast.ts';
import { isGuardianError } from '../../errors.ts';
import type { ChatData } from '../turn.ts';
import { nodeOf, rateBand, type MetricNow, type SeriesMetric } from './series.ts';

/** What the detector expects of a part of the traffic whose scores are not kept: its forecast of the next minute. Nulls while it
 *  does not know. */
export async function expectedNext(
  data: ChatData,
  metric: SeriesMetric,
  slice: Slice,
  total: number,
): Promise<Pick<MetricNow, 'expected' | 'low' | 'high'>> {
  if (metric === 'rate') {
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
