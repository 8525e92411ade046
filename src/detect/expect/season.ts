import type { LocalSlot } from '../series/local-time.ts';
import { isCurveUnknown, type FleetTrend } from './fleet-trend.ts';
import { isShut } from './opening-hours.ts';
import { profileChange, type SeasonalProfile, type ProfileChange } from './profile.ts';
import { atU8, type SeriesStore } from '../series/series-store.ts';

/** Part of the slope that is left after a minute that teaches nothing. */
const HELD_KEEP = 0.97;
const GROWTH_KEEP = 0.8;

/** The parts of a detector that the season is read from. */
export interface Season {
  readonly store: SeriesStore;
  readonly trend: FleetTrend;
  readonly profile: SeasonalProfile;
}

/** Where the last minute lay and where this one lies in the local week; `gap`: minutes without windows in between. */
export interface SeasonStep {
  readonly from: LocalSlot;
  readonly to: LocalSlot;
  readonly gap: number;
  readonly next: LocalSlot;
}

/** Change of the log level that the profile expects since the last minute, over `gap` minutes without windows: a fifth of
 *  the way to the next slot each minute, or the whole way after a gap or a jump of the local clock. `next`: five minutes on;
 *  `isFallen`: a volume takes part in what is open of the fleet. */
export function seasonalChange(season: Season, steps: SeasonStep, isFallen: boolean): ProfileChange {
  const { store, trend, profile } = season;
  const { from, to, gap, next } = steps;
  const ahead = profileChange(profile, to, next);
  const isFrozen = atU8(store.frozen, 0) === 1 && (isFallen || !isCurveUnknown(ahead.trust));
  if (isFrozen || isShut(store, 0)) return heldChange(season, from, to);
  trend.held = null;
  if (isJump(from, to, gap)) return profileChange(profile, from, to);
  return { ...ahead, change: ahead.change / 5 };
}

function heldChange({ profile, trend }: Season, from: LocalSlot, to: LocalSlot): ProfileChange {
  trend.held ??= { from, applied: 0 };
  const whole = profileChange(profile, trend.held.from, to);
  // Growth that nobody sees must not make a fall.
  trend.slope *= trend.slope > 0 && isCurveUnknown(whole.trust) ? GROWTH_KEEP : HELD_KEEP;
  if (whole.trust === 0) return { ...whole, change: 0 };
  const change = whole.change - trend.held.applied / whole.trust;
  trend.held.applied += whole.trust * change;
  return { ...whole, change };
}

/** Half-hours since local midnight, with their fraction. */
export const positionOf = (where: LocalSlot): number => (where.slot + where.fraction) / 6;

/** Position from which the local clock jumped, or time passed without windows; else null. */
export const jumpOf = (from: LocalSlot, to: LocalSlot, gap: number): number | null => (isJump(from, to, gap) ? positionOf(from) : null);

const isJump = (from: LocalSlot, to: LocalSlot, gap: number): boolean => gap > 0 || (to.slot - from.slot + 288) % 288 > 1;
