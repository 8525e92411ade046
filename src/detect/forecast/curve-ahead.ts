import { MINUTE_MS } from '../../clock.ts';
import type { FleetTrend } from '../expect/fleet-trend.ts';
import type { LocalSlot } from '../series/local-time.ts';
import { daysKnown, profileChange, type SeasonalProfile } from '../expect/profile.ts';

/** Where the logarithm of the fleet's level goes from now on. */
export interface Growth {
  /** Change of the log level. */
  readonly change: number;
  /** How far the daily curve is known between now and then, 0..1. */
  readonly trust: number;
  /** Variance of the change from what is not known of the curve. */
  readonly variance: number;
  /** Days of that type that taught the curve there (fading), 0.5 for none. */
  readonly days: number;
}

/** What a slope keeps of itself a minute later (Gardner and McKenzie, Management Science 1985: a trend that goes on for ever
 *  overshoots). */
const DAMP = 0.98;
/** Standard deviation of the log level an hour ahead while nothing is known of the daily curve; it grows with the horizon
 *  to the power below, up to the most. */
const UNKNOWN_HOUR = 0.25;
const UNKNOWN_POWER = 0.75;
const UNKNOWN_MOST = 1;
const HALF_SLOT_MS = 2.5 * MINUTE_MS;

/** Reads the daily curve ahead of a minute. `slotOf`: local time; `from`: start of the last known minute, epoch
 *  milliseconds. The slope counts only as far as the curve is unknown. */
export function createCurveAhead(
  profile: SeasonalProfile,
  trend: Pick<FleetTrend, 'slope' | 'slopeVariance' | 'covariance'>,
  slotOf: (timeMs: number) => LocalSlot,
  from: number,
): (to: number) => Growth {
  const here = slotOf(from);
  const known = (time: number): { readonly change: number; readonly trust: number } => {
    const before = slotOf(time + MINUTE_MS / 2 - HALF_SLOT_MS);
    const after = slotOf(time + MINUTE_MS / 2 + HALF_SLOT_MS);
    const a = profileChange(profile, here, before);
    const b = profileChange(profile, here, after);
    const f = before.fraction;
    return { change: (1 - f) * a.change + f * b.change, trust: (1 - f) * a.trust + f * b.trust };
  };
  const start = known(from);
  return (to) => {
    const minutes = (to - from) / MINUTE_MS;
    const end = known(to);
    const trust = Math.min(start.trust, end.trust);
    const run = (DAMP * (1 - DAMP ** minutes)) / (1 - DAMP);
    const unknown = Math.min(UNKNOWN_MOST, UNKNOWN_HOUR * (minutes / 60) ** UNKNOWN_POWER);
    const slope = Math.max(0, run * run * trend.slopeVariance + 2 * run * trend.covariance);
    return {
      change: trust * (end.change - start.change) + (1 - trust) * trend.slope * run,
      trust,
      days: daysKnown(profile, slotOf(to)),
      variance: (1 - trust) ** 2 * (slope + unknown * unknown),
    };
  };
}
