import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { MINUTE_MS } from '../../clock.ts';
import type { LocalSlot } from '../series/local-time.ts';
import { at, atU8, DISPERSION, LEVEL_A, LEVEL_B, type SeriesStore, valueOf } from '../series/series-store.ts';
import type { FleetTrend } from '../expect/fleet-trend.ts';
import type { SeasonalProfile } from '../expect/profile.ts';
import { createCurveAhead } from './curve-ahead.ts';
import { trackMinute, type ErrorTracker } from './error-tracker.ts';

/** A forecast of the fleet is kept for comparison from this trust in its curve on. */
const KNOWN = 0.5;

/** The parts of a detector that the fleet is foreseen from, and the errors of doing so. */
export interface Foreseen {
  readonly store: SeriesStore;
  readonly profile: SeasonalProfile;
  readonly trend: FleetTrend;
  readonly errorTracker: ErrorTracker;
}

/** Compares the earlier forecasts of the fleet with the minute that was just learnt, and keeps new ones. */
export function noteForecast(state: Foreseen, window: ClosedWindow, slotOf: (timeMs: number) => LocalSlot): void {
  const { store, profile, trend, errorTracker } = state;
  if (atU8(store.seen, 0) === 0) return;
  const minute = {
    minute: window.minute,
    count: at(store.counts, 0),
    dispersion: valueOf(store, 0, DISPERSION),
    isUsual: window.state !== 'silent' && atU8(store.frozen, 0) === 0,
  };
  const rate = Math.log(valueOf(store, 0, LEVEL_A) / valueOf(store, 0, LEVEL_B));
  let curve: ReturnType<typeof createCurveAhead> | null = null;
  trackMinute(errorTracker, minute, slotOf, (slotMs) => {
    curve ??= createCurveAhead(profile, trend, slotOf, window.minute);
    const { change, trust, days } = curve(slotMs + 2 * MINUTE_MS);
    return { log: trust < KNOWN ? Number.NaN : rate + change, days };
  });
}
