import { renumber } from './renumber.ts';
import {
  at,
  atI32,
  atU8,
  dropGroups,
  GROUP_KINDS,
  GROUP_ROWS,
  groupOfRow,
  RING,
  type GroupKind,
  type SeriesStore,
} from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import type { DetectorState } from './state.ts';

const HOUR = 60;
const DAY = 1440;
/** A pause of the stream says nothing about who is gone. */
const PAUSE_MOST = DAY;
const HEARD_MOST = 255;
const { idleDays, fewTransactions, fewDays, keptShare, crowdedDays } = SETTINGS.expiry;

/** Lets the clock of the stream run to a minute with transactions (minutes since the epoch), and notes who had some. */
export function noteTraffic(store: SeriesStore, number: number): void {
  if (store.clockAt !== null) store.clock += Math.min(PAUSE_MOST, number - store.clockAt);
  store.clockAt = number;
  for (let group = 0; group < store.groups; group++) {
    const count = at(store.counts, group * GROUP_ROWS);
    if (count <= 0) continue;
    store.heardAt[group] = store.clock;
    store.heard[group] = Math.min(HEARD_MOST, atU8(store.heard, group) + count);
  }
}

/** Expires the merchants, acquirers and codes that are gone, once an hour, and at once where there is no room for new ones:
 *  names that come and go over years, or in a flood of invented ones, must not cost memory or time forever. Call it before
 *  the minute `number` (minutes since the epoch, above the last one) is counted. What an open anomaly or a verdict
 *  in force still needs stays; verdicts are stored by name and apply again when their merchant returns.
 *  Returns the new place of every group, -1 for those that are gone; null when all stay. */
export function expireGroups(
  state: Pick<DetectorState, 'store' | 'anomalies' | 'feedback'>,
  last: number,
  number: number,
): Int32Array | null {
  const { store } = state;
  const crowded = GROUP_KINDS.filter((kind) => kind !== 'fleet' && store.index[kind].size >= store.most[kind]);
  const isHour = Math.floor(number / HOUR) !== Math.floor(last / HOUR);
  if (!isHour && crowded.length === 0) return null;
  const gone = new Set<number>();
  for (let group = 1; group < store.groups; group++) {
    if (idleFor(store, group) >= DAY * (isSlight(store, group) ? fewDays : idleDays)) gone.add(group);
  }
  for (const kind of crowded) for (const group of leastOf(store, kind)) gone.add(group);
  if (gone.size === 0) return null;
  for (const group of neededGroups(state, number)) gone.delete(group);
  if (gone.size === 0) return null;
  const places = dropGroups(
    store,
    [...gone].sort((a, b) => a - b),
  );
  renumber(state, places);
  return places;
}

const idleFor = (store: SeriesStore, group: number): number => store.clock - atI32(store.heardAt, group);
const isSlight = (store: SeriesStore, group: number): boolean => atU8(store.heard, group) < fewTransactions;

/** Groups of a crowded kind that make room: all with few transactions that are idle, so that a flood of invented names is gone some
 *  minutes later; where these are not enough, those idle for longest. */
function leastOf(store: SeriesStore, kind: GroupKind): number[] {
  const groups = [...store.index[kind].values()];
  const idle = groups.filter((group) => idleFor(store, group) >= (isSlight(store, group) ? RING : DAY * crowdedDays));
  idle.sort((a, b) => Number(isSlight(store, b)) - Number(isSlight(store, a)) || idleFor(store, b) - idleFor(store, a) || a - b);
  const slight = idle.findIndex((group) => !isSlight(store, group));
  return idle.slice(0, Math.max(slight < 0 ? idle.length : slight, groups.length - Math.floor(store.most[kind] * keptShare)));
}

/** Groups that open anomalies are about, and those whose rows a verdict can still act on: it keeps a cause quiet for a while. */
function neededGroups({ anomalies, feedback }: Pick<DetectorState, 'anomalies' | 'feedback'>, number: number): Set<number> {
  const rows: number[] = [];
  for (const { scope, row, members } of anomalies.open) rows.push(scope * GROUP_ROWS, row, ...members.map((member) => member.row));
  for (const { minute, quiet, moved } of feedback.entries) {
    if (number - minute > SETTINGS.feedback.suppressMost) continue;
    for (const { row } of [...(quiet?.rows ?? []), ...moved]) rows.push(row);
  }
  return new Set(rows.map(groupOfRow));
}
