import { isFleetFallen } from '../anomaly/life.ts';
import type { LocalSlot } from '../series/local-time.ts';
import { isCurveUnknown } from './fleet-trend.ts';
import { isShut } from './opening-hours.ts';
import { profileChange, type ProfileChange } from './profile.ts';
import { atU8 } from '../series/series-store.ts';
import type { DetectorState } from '../engine/state.ts';

/** Part of the slope that is left after a minute that teaches nothing. */
const HELD_KEEP = 0.97;
const GROWTH_KEEP = 0.8;

/** Growth of the fleet while it is not learnt: counted from the point of the local day where learning stopped, so that
 *  what is unknown of the curve in between does not add up. */
export interface Held {
  readonly from: LocalSlot;
  /** Growth of the log level since. */
  applied: number;
}

/** Change of the log level that the profile expects since the last minute, over `gap` minutes without windows: a fifth of
 *  the way to the next slot each minute, or the whole way after a gap or a jump of the local clock. `next`: five minutes on. */
export function seasonalChange(state: DetectorState, from: LocalSlot, to: LocalSlot, gap: number, next: LocalSlot): ProfileChange {
  const { store, life, trend } = state;
  const ahead = profileChange(state.profile, to, next);
  const isFrozen = atU8(store.frozen, 0) === 1 && (isFleetFallen(life) || !isCurveUnknown(ahead.trust));
  if (isFrozen || isShut(store, 0)) return heldChange(state, from, to);
  trend.held = null;
  if (isJump(from, to, gap)) return profileChange(state.profile, from, to);
  return { ...ahead, change: ahead.change / 5 };
}

function heldChange({ profile, trend }: DetectorState, from: LocalSlot, to: LocalSlot): ProfileChange {
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
