import { isCode } from '../series/code-status.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { startOf, type Episode } from './episode.ts';
import { countZ } from '../evidence/evidence.ts';
import { tailNats } from '../series/normal.ts';
import { isWorseThan, OWN_CAUSE_Z } from './own-cause.ts';
import { at, atU8, groupOfRow, RING, rowOf, type SeriesStore, SPREAD, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { isAkin, recent, type Signal } from '../series/signal.ts';

/** Last minutes that are held against the ones before them. */
const SUDDEN_SPLITS = [2, 4, 8] as const;
/** Part of the missing approved ones from which it is the volume that fell, and not what became of it. */
const VOLUME_SHARE = 0.5;

/** The open anomaly of the same scope that watches the row of a signal already. */
export const watcherOf = (open: readonly Episode[], scope: number, { row }: Signal): Episode | undefined =>
  open.find((episode) => episode.scope === scope && episode.members.some((member) => member.row === row));

/** The open anomaly of the same scope that a signal is another sign of: it began together with it, or is no incident of its own. */
export const hostOf = (
  store: SeriesStore,
  open: readonly Episode[],
  scope: number,
  signal: Signal,
  minute: LifecycleMinute,
): Episode | undefined =>
  watcherOf(open, scope, signal) ?? open.find((episode) => episode.scope === scope && isSignOf(store, episode, signal, minute));

function isSignOf(store: SeriesStore, episode: Episode, signal: Signal, minute: LifecycleMinute): boolean {
  if (beganTogether(episode, signal, minute.number)) return true;
  if (signal.family === 'volume') {
    if (episode.family === 'volume' || episode.family === 'spike') return true;
    return isRateOnly(store, episode.scope, signal, minute.number) || isAsBefore(store, episode, signal, minute.number);
  }
  if (signal.family === 'spike') return episode.family === 'spike';
  if (isCode(store, signal.row) === isCode(store, episode.row)) return false;
  if (!isAkin(store, episode.row, signal.row)) return false;
  if (!isCode(store, signal.row)) return true;
  const named = episode.anomaly.slice.auth_code;
  if (named !== undefined) return named === store.ids[groupOfRow(signal.row)];
  return !isWorseThan(store, signal, episode.row, minute.number);
}

/** A volume is no lower than it has been since the anomaly began: its fall came with the anomaly, and crosses its threshold late. */
function isAsBefore(store: SeriesStore, episode: Episode, { row, run }: Signal, minute: number): boolean {
  const all = recent(store, row, minute, Math.min(RING, minute - startOf(episode) + 1));
  const last = recent(store, row, minute, run);
  const before = { observed: all.observed - last.observed, expected: all.expected - last.expected };
  if (before.expected <= 0) return false;
  const usual = last.expected * Math.min(1, before.observed / before.expected);
  return countZ(last.observed, usual, Math.max(1, valueOf(store, row, SPREAD))) > -OWN_CAUSE_Z;
}

/** Signs of one cause begin within a few minutes of each other; when a slow one did is not known well. */
function beganTogether(episode: Episode, { run }: Signal, minute: number): boolean {
  const begin = minute - run + 1;
  return begin <= startOf(episode) + SETTINGS.sameCauseMinutes && begin >= startOf(episode) - RING;
}

/** While nothing is learnt, what is expected of a volume goes astray slowly: beside an open anomaly only a fall from one minute to the
 *  next is another incident. */
export function isDrift(store: SeriesStore, open: readonly Episode[], scope: number, signal: Signal, minute: LifecycleMinute): boolean {
  if (signal.family !== 'volume') return false;
  const isFrozen = open.some((episode) => episode.scope === 0 || episode.isWide === true || episode.scope === scope);
  const threshold = at(minute.thresholds, atU8(store.kinds, scope));
  return isFrozen && SUDDEN_SPLITS.every((minutes) => fallNats(store, signal.row, minute.number, minutes) < threshold);
}

/** Evidence (nats) that the last minutes of a row have less than the ones before them in the ring. */
function fallNats(store: SeriesStore, row: number, minute: number, minutes: number): number {
  const all = recent(store, row, minute, RING);
  const last = recent(store, row, minute, minutes);
  const usual = ((all.observed - last.observed) / Math.max(1, all.minutes - last.minutes)) * last.minutes;
  const z = countZ(last.observed, usual, Math.max(1, valueOf(store, row, SPREAD)));
  return z < 0 ? tailNats(-z) : 0;
}

/** The approved ones are missing because they ended otherwise: the traffic itself did not fall. */
export function isRateOnly(store: SeriesStore, scope: number, { run }: Signal, minute: number): boolean {
  const all = recent(store, rowOf(scope, ''), minute, run);
  const good = recent(store, rowOf(scope, 'approved'), minute, run);
  return all.expected - all.observed < VOLUME_SHARE * (good.expected - good.observed);
}
