import type { Episode } from '../anomaly/episode.ts';
import type { VerdictEntry } from '../feedback/verdict-entry.ts';
import { GROUP_ROWS, groupOfRow } from '../series/series-store.ts';
import type { DetectorState } from './state.ts';

/** Follows groups that have moved, in everything that knows groups and rows by their numbers. `places`: new place of every
 *  group, -1 for those that are gone, which no open anomaly is about. What a verdict remembers of their rows goes with them. */
export function renumber({ anomalies, feedback }: Pick<DetectorState, 'anomalies' | 'feedback'>, places: Int32Array): void {
  const groupNow = (group: number): number => places[group] ?? -1;
  const rowNow = (row: number): number => groupNow(groupOfRow(row)) * GROUP_ROWS + (row % GROUP_ROWS);
  anomalies.open.splice(0, anomalies.open.length, ...anomalies.open.map((episode) => movedEpisode(episode, groupNow, rowNow)));
  anomalies.closed = anomalies.closed.flatMap((closed) =>
    groupNow(closed.scope) < 0 ? [] : [{ ...closed, scope: groupNow(closed.scope) }],
  );
  for (const entry of feedback.entries) moveVerdict(entry, rowNow);
}

type Move = (number: number) => number;

function movedEpisode(episode: Episode, groupNow: Move, rowNow: Move): Episode {
  const members = episode.members.map((member) => ({ ...member, row: rowNow(member.row) }));
  const moved = { ...episode, scope: groupNow(episode.scope), row: rowNow(episode.row), members };
  // Both are found again every minute.
  delete moved.apart;
  delete moved.rival;
  return moved;
}

function moveVerdict(entry: VerdictEntry, rowNow: Move): void {
  const movedRows = <Row extends { readonly row: number }>(rows: readonly Row[]): Row[] =>
    rows.flatMap((one) => (rowNow(one.row) < 0 ? [] : [{ ...one, row: rowNow(one.row) }]));
  entry.moved = movedRows(entry.moved);
  if (entry.quiet !== null) entry.quiet = { ...entry.quiet, rows: movedRows(entry.quiet.rows) };
}
