import type { Toll } from './toll.ts';
import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { lostNow, type Episode } from './episode.ts';
import { countedElsewhere } from './apart.ts';
import {
  atF32,
  atI32,
  EXPECTED,
  groupNamed,
  groupOfRow,
  HEALTHY,
  kindOfGroup,
  RING,
  ringSlot,
  rowOf,
  type SeriesStore,
  valueOf,
} from '../series/series-store.ts';
import type { Damage, AffectedRate, View } from './severity.ts';
import { directionOf } from '../series/signal.ts';
import { ticketsOf, worthOf } from '../slices/lost-amount.ts';
import { dimensionsOfSlice } from '../slices/slice-key.ts';
import { shareOfTraffic } from '../slices/slice-traffic.ts';
import type { SliceTable } from '../slices/slice-table.ts';

/** Rates are those of the last minutes in which its scope expects so many transactions: chance moves that by 2.5 %. */
const RATE_COUNT = 1600;
const LEAST_MINUTES = 3;
/** Memory of `HEALTHY`. */
const DAY_MINUTES = 1440;

/** Something else is open in the scope of an episode or in the whole fleet: what is missing may be its doing. */
export const sharesLoss = (open: readonly Episode[], episode: Episode): boolean =>
  open.some((other) => other !== episode && (other.scope === episode.scope || other.scope === 0));

/** What the minute in hand, or an earlier one of the ring (`back` minutes ago), costs; null where it shows nothing: of an adverse status, a
 *  minute without data. */
function tollOf(store: SeriesStore, open: readonly Episode[], episode: Episode, minute: number, back: number): Toll | null {
  const { scope, row, family } = episode;
  const slot = ringSlot(minute - back);
  const isSilent = atF32(store.ring, rowOf(scope, 'approved') * RING + slot) < 0;
  if (isSilent && family !== 'volume') return null;
  const countOf = (of: number): number => Math.max(0, atF32(store.ring, of * RING + slot));
  const elsewhere = open.length === 0 ? 0 : countedElsewhere(store, open, episode, row, countOf);
  return {
    minute: minute - back,
    lost: lostNow(store, episode, sharesLoss(open, episode), countOf),
    bad: directionOf(family) * (countOf(row) - valueOf(store, row, EXPECTED) - elsewhere),
    usual: valueOf(store, row, EXPECTED),
    own: valueOf(store, rowOf(scope, ''), EXPECTED),
    fleet: valueOf(store, 0, EXPECTED),
  };
}

/** The minutes of an anomaly that opens now, `run` of them as far as the ring goes. */
export function firstTolls(store: SeriesStore, open: readonly Episode[], episode: Episode, minute: number, run: number): Toll[] {
  const tolls: Toll[] = [];
  for (let back = Math.min(run, RING) - 1; back >= 0; back--) {
    const toll = tollOf(store, open, episode, minute, back);
    if (toll !== null) tolls.push(toll);
  }
  return tolls;
}

/** Takes the minute in hand into the tolls of an open anomaly. */
export function followToll(store: SeriesStore, open: readonly Episode[], episode: Episode, minute: number): void {
  const toll = tollOf(store, open, episode, minute, 0);
  if (toll === null) return;
  episode.tolls.push(toll);
  if (episode.tolls.length > RING) episode.tolls.shift();
  episode.bad += toll.bad;
}

/** Takes a late correction of one row into the tolls. */
export function correctToll(episode: Episode, row: number, change: number, minute: number): void {
  const toll = episode.tolls.find((one) => one.minute === minute);
  if (toll === undefined) return;
  if (row === rowOf(episode.scope, 'approved')) toll.lost -= change;
  if (row !== episode.row) return;
  toll.bad += directionOf(episode.family) * change;
  episode.bad += directionOf(episode.family) * change;
}

/** What an open anomaly costs now; null when it loses nothing by its nature. */
export function damageOf(store: SeriesStore, episode: Episode, { slices }: Pick<LifecycleMinute, 'slices'>): Damage | null {
  if (episode.family === 'spike') return null;
  const tolls = lately(episode.tolls);
  const sum = (pick: (toll: Toll) => number): number => tolls.reduce((total, toll) => total + pick(toll), 0);
  const minutes = Math.max(1, tolls.length);
  // Counts are about Poisson. Adverse transactions are rare beside what is approved, and so the surer measure of the two.
  const rateOf = (part: number, expected: number): AffectedRate => ({
    mean: Math.max(0, part) / minutes,
    sure: Math.max(0, part - Math.sqrt(expected)) / minutes,
  });
  const lostRate = rateOf(
    sum(({ lost }) => lost),
    sum(({ own }) => own),
  );
  const badRate = rateOf(
    sum(({ bad }) => bad),
    sum(({ usual }) => usual),
  );
  const fleet = sum((toll) => toll.fleet) / minutes;
  const { anomaly } = episode;
  return {
    lostRate,
    affectedRate: badRate.sure >= lostRate.sure ? badRate : lostRate,
    fleet,
    lost: lostByIt(episode),
    usual: usualVolume(store),
    worth: worthOf(slices, anomaly),
    tickets: ticketsOf(slices, { ...anomaly.slice, ...anomaly.node }),
    views: viewsOf(store, slices, episode, { own: sum((toll) => toll.own) / minutes, fleet }),
  };
}

/** The newest minutes that are enough for a rate. */
function lately(tolls: readonly Toll[]): readonly Toll[] {
  let expected = 0;
  let first = tolls.length;
  while (first > 0 && (expected < RATE_COUNT || tolls.length - first < LEAST_MINUTES)) {
    first--;
    expected += tolls[first]?.own ?? 0;
  }
  return tolls.slice(first);
}

/** Over hours the expectation of a whole fleet may stray by more than a small rise of an adverse status takes away: it cannot have taken more than went
 *  wrong. */
const lostByIt = ({ family, lost, bad }: Episode): number => Math.max(0, family === 'volume' ? lost : Math.min(lost, bad));

/** Mean of the approved transactions a minute that the fleet expects, over the last day or as long as it is known. */
function usualVolume(store: SeriesStore): number {
  const keep = 1 - 1 / DAY_MINUTES;
  const minutes = (1 - keep ** Math.max(1, atI32(store.ages, 0))) * DAY_MINUTES;
  return valueOf(store, 0, HEALTHY) / minutes;
}

/** The node of the anomaly and, where it is the fleet's, the place or the code that its slice names. */
function viewsOf(
  store: SeriesStore,
  slices: SliceTable,
  { scope, row, anomaly: { slice } }: Episode,
  expected: { readonly own: number; readonly fleet: number },
): View[] {
  const views: View[] = [{ kind: kindOfGroup(store, groupOfRow(row)), own: expected.own, part: 1 }];
  if (scope !== 0) return views;
  const place = placeOf(slice);
  if (Object.keys(place).length === 0) return views;
  const isOne = Object.keys(place).length === 1;
  const kind = isOne && place.acquirer !== undefined ? 'acquirer' : isOne && place.merchant_id !== undefined ? 'merchant' : 'slice';
  const id = place.acquirer ?? place.merchant_id ?? '';
  const group = kind === 'slice' ? undefined : groupNamed(store, kind, id);
  const own =
    group === undefined ? shareOfTraffic(slices, dimensionsOfSlice(place)) * expected.fleet : valueOf(store, rowOf(group, ''), EXPECTED);
  return own > 0 ? [...views, { kind, own, part: slice.share }] : views;
}

const placeOf = ({ acquirer, merchant_id, payment_method, card_bin }: Slice): Slice =>
  Object.fromEntries(Object.entries({ acquirer, merchant_id, payment_method, card_bin }).filter(([, value]) => value !== undefined));
