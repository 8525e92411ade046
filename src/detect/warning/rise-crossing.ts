import { type SeriesStore, SLOW_NATS, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { riseAhead, riseEvidence, type RiseAhead } from '../evidence/sustained-rise.ts';
import { LATEST_MINUTES, SOONEST_MINUTES, type Crossing } from './crossing.ts';

/** Growth that is expected of a rise: half of that of a straight line from its beginning. Some are steps, some ramps. */
const GROWTH = 0.5;
/** Standard deviations by which the excess may be smaller than it was seen, and still cross in time. */
const CAUTION = 1;

/** When a sustained rise of an adverse row crosses its threshold, from the counts that it has gathered so far: stochastic curtailment
 *  (Lan, Simon, Halperin 1982), which asks how a sequential test will end if what was seen goes on. Null while the evidence
 *  is below `leastShare` of the threshold, and unless a rise one standard deviation weaker than it looks crosses in time too. */
export function riseCrossing(store: SeriesStore, row: number, threshold: number, leastShare: number): Crossing | null {
  const rise = riseAhead(store, row);
  const [quick, slow] = rise.sums;
  const best = quick !== undefined && slow !== undefined && slow.nats > quick.nats ? slow : quick;
  if (best === undefined || best.nats < leastShare * threshold) return null;
  // However clear it is, a rise is reported only after its shortest time.
  const wait = SETTINGS.riseLeastMinutes - best.minutes;
  const paceOf = (observed: number): number =>
    Math.max(wait, minutesTo(rise, observed / best.expected - 1, Math.max(best.minutes, SETTINGS.riseLeastMinutes), threshold));
  const minutes = paceOf(best.observed);
  if (minutes < SOONEST_MINUTES || paceOf(best.observed - CAUTION * Math.sqrt(best.observed)) > LATEST_MINUTES) return null;
  return { minutes, share: valueOf(store, row, SLOW_NATS) / threshold, strength: best.nats / threshold };
}

/** What a rise is worth now, as a share of the threshold, however short it is. */
export const riseStrength = (store: SeriesStore, row: number, threshold: number): number =>
  Math.max(...riseAhead(store, row).sums.map(({ nats }) => nats)) / threshold;

/** Whole minutes until the evidence reaches the threshold; infinite beyond the latest that is reported. `excess`: mean of the rate above
 *  the usual one over the `past` minutes. */
function minutesTo(rise: RiseAhead, excess: number, past: number, threshold: number): number {
  for (let minutes = 1; minutes <= LATEST_MINUTES; minutes++) {
    const ratio = 1 + excess * (1 + GROWTH + (GROWTH * minutes) / past);
    const nats = rise.sums.map(({ keep, observed, expected }) => {
      const kept = keep ** minutes;
      const usual = (rise.usual * (1 - kept)) / (1 - keep);
      return riseEvidence(observed * kept + ratio * usual, expected * kept + usual, rise.certainty);
    });
    if (Math.max(...nats) + rise.credit >= threshold) return minutes;
  }
  return Number.POSITIVE_INFINITY;
}
