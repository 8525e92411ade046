import { isCode } from '../series/code-status.ts';
import type { Episode } from './episode.ts';
import { at, EXPECTED, groupOfRow, kindOfGroup, rowOf, type SeriesStore, statusOfRow, valueOf } from '../series/series-store.ts';
import { familyOfRow, isAkin } from '../series/signal.ts';

/** Rows that anomalies of a scope watch. */
export const watchedRows = (open: readonly Episode[], scope: number): Set<number> =>
  new Set(open.filter((episode) => episode.scope === scope).flatMap(({ members }) => members.map(({ row }) => row)));

/** Counts of a row of the fleet in a minute that anomalies of their own, open beside `episode`, account for: above what was expected
 *  when positive. `countOf`: counts of that minute, default the one in hand. */
export function countedElsewhere(
  store: SeriesStore,
  open: readonly Episode[],
  episode: Episode,
  row: number,
  countOf: (row: number) => number = (of) => at(store.counts, of),
): number {
  if (episode.scope !== 0 || isCode(store, row)) return 0;
  const sums = { acquirer: 0, merchant: 0, auth_code: 0 };
  for (const own of rowsApart(store, open, episode, row)) {
    const kind = kindOfGroup(store, groupOfRow(own));
    if (kind !== 'fleet') sums[kind] += countOf(own) - valueOf(store, own, EXPECTED);
  }
  return Object.values(sums).reduce((most, sum) => (Math.abs(sum) > Math.abs(most) ? sum : most), 0);
}

/** Rows that count a part of what a row of the fleet does, and are reported by anomalies of their own beside `episode`: of the same adverse status,
 *  in the headline or as another sign of the same cause, or of a volume whatever takes it away. Where hardly anything is approved any more nothing is denied or reversed as usual either. */
export function rowsApart(store: SeriesStore, open: readonly Episode[], episode: Pick<Episode, 'scope'>, row: number): number[] {
  const rows = new Set<number>();
  const isVolume = familyOfRow(store, row) === 'volume';
  for (const other of open) {
    if (other === episode || (episode.scope !== 0 && other.scope !== episode.scope)) continue;
    const isReported = isAkin(store, other.row, row);
    if (other.scope === 0 || episode.scope !== 0) {
      if (isReported && isCode(store, other.row)) rows.add(other.row);
      continue;
    }
    const own = rowOf(other.scope, statusOfRow(row));
    const isWatched = other.members.some((member) => member.row === own);
    if (isVolume || isReported || isWatched || (isEmptied(store, other.scope) && !isAbove(store, own))) rows.add(own);
  }
  return [...rows];
}

/** True where a status is above what was expected: where no anomaly watches it, nobody reports that yet. */
const isAbove = (store: SeriesStore, row: number): boolean => at(store.counts, row) > valueOf(store, row, EXPECTED);

/** True where less than half of what is usual is approved in this minute. */
export function isEmptied(store: SeriesStore, group: number): boolean {
  const approved = rowOf(group, 'approved');
  return at(store.counts, approved) < EMPTIED_SHARE * valueOf(store, approved, EXPECTED);
}
const EMPTIED_SHARE = 0.5;

/** Acquirers, or else merchants, with an anomaly of their own of which hardly anything is approved: they share in nothing else. */
export function emptied(store: SeriesStore, open: readonly Episode[], but: number): number[] {
  const groups = [...new Set(open.map(({ scope }) => scope))].filter((group) => group !== 0 && group !== but && isEmptied(store, group));
  const acquirers = groups.filter((group) => kindOfGroup(store, group) === 'acquirer');
  return acquirers.length > 0 ? acquirers : groups;
}
