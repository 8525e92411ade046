import { MINUTE_MS } from '../../clock.ts';
import { cadenceMinutes } from '../series/report-cadence.ts';
import { expireGroups } from './expiry.ts';
import type { MerchantShards } from './merchant-shards.ts';
import { passGroups, type PassedTime } from './pass-groups.ts';
import { beginDay } from '../expect/day-variance.ts';
import type { LocalSlot } from '../series/local-time.ts';
import { SETTINGS } from '../series/settings.ts';
import type { DetectorState } from './state.ts';

/** A gap in event time above this many minutes clears what was gathered before it. */
const GAP_MINUTES = 5;

/** What happens to the state between its last minute and minute `number` (since the epoch), `gap` minutes without a window
 *  later. `before`, `where`: the two in local time. */
export function passTime(
  state: DetectorState,
  { number, gap, before, where }: { readonly number: number; readonly gap: number; readonly before: LocalSlot; readonly where: LocalSlot },
  shards: MerchantShards | null,
): void {
  const isVoid = gap > 0 && passGap(state, gap);
  const day = before.day === where.day ? null : startDay(state, before, where);
  const passed: PassedTime = { number, gap, isVoid, day };
  if (gap > 0 || day !== null) {
    passGroups(state.store, passed);
    shards?.pass(passed);
  }
  const places = expireGroups(state, state.lastMinute / MINUTE_MS, number);
  if (places !== null) shards?.drop(places);
}

/** A new local day may have another level: for a while a slow fall is not reported, and the volumes are less certain. Returns the
 *  variance of the logarithm of their levels. */
function startDay(state: DetectorState, before: LocalSlot, now: LocalSlot): number {
  const { trend } = state;
  const error = before.dayType === 0 && now.dayType === 0 ? SETTINGS.weekdayError : SETTINGS.dayError;
  trend.knownMinutes = 0;
  beginDay(trend, error ** 2);
  return error ** 2;
}

/** Time passed without windows: the stream paused. Returns whether evidence that was gathered before is void. */
function passGap(state: DetectorState, gap: number): boolean {
  const { trend } = state;
  const isWithinCadence = gap < cadenceMinutes(state.cadence);
  if (!isWithinCadence) trend.slope = trend.covariance = 0;
  if (gap >= GAP_MINUTES) state.warnings.shares.fill(0);
  return !isWithinCadence && gap >= GAP_MINUTES;
}
