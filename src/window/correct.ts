import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { Sql } from '../store/database.ts';
import { listMinuteCounts } from '../store/verbs/list-minute-counts.ts';
import { findMinutes, type MinuteRecord } from '../store/verbs/write-minutes.ts';
import { cellKey, stateOf, toCell, type MinuteTally } from './tally.ts';

/** A closed minute as it is after late records: its row, and the window that tells it (without a number yet). */
export interface Correction {
  readonly row: MinuteRecord;
  readonly window: Omit<ClosedWindow, 'sequence'>;
}

/** Makes the next revision of every closed minute that late records change, oldest first. `tallies`: what came late, which must
 *  be in the minute counts already. A minute that was never closed, because the stream began after it, gets revision 0. */
export async function correctMinutes(sql: Sql, tallies: readonly MinuteTally[], nowMs: number): Promise<Correction[]> {
  const known = await findMinutes(
    sql,
    tallies.map(({ minute }) => minute),
  );
  const rows = tallies.map((tally) => correctedRow(known.get(tally.minute), tally, nowMs)).filter((row) => row !== undefined);
  rows.sort((a, b) => a.minute - b.minute);
  const cells = Map.groupBy(
    await listMinuteCounts(
      sql,
      rows.map(({ minute }) => minute),
    ),
    ({ minute }) => minute,
  );
  return rows.map((row) => ({ row, window: toWindow(row, ordered(cells.get(row.minute) ?? []), nowMs) }));
}

/** The row after the late records; undefined when they change nothing that anybody could see. */
function correctedRow(before: MinuteRecord | undefined, tally: MinuteTally, nowMs: number): MinuteRecord | undefined {
  const isAlive = tally.isAlive || before?.alive === true;
  const isObserved = tally.isObserved || before?.observed === true;
  const state = stateOf({ isAlive, isObserved });
  if (before !== undefined && tally.cells.size === 0 && state === before.state) return undefined;
  return {
    minute: tally.minute,
    state,
    total: (before?.total ?? 0) + tally.total,
    revision: before === undefined ? 0 : before.revision + 1,
    late: (before?.late ?? 0) + tally.total,
    // A silent minute had no record of its own that could say otherwise.
    backfill: before === undefined || before.state === 'silent' ? tally.isHistory : before.backfill && tally.isHistory,
    alive: isAlive,
    observed: isObserved,
    closed_at: before?.closed_at ?? nowMs,
  };
}

function toWindow(row: MinuteRecord, cells: readonly Cell[], nowMs: number): Omit<ClosedWindow, 'sequence'> {
  const { minute, revision, state, late, backfill } = row;
  return { v: 1, minute, revision, state, cells, late, backfill, closed_at: row.closed_at ?? nowMs };
}

function ordered(cells: readonly Cell[]): Cell[] {
  const keyed = cells.map((cell) => ({ key: cellKey(cell), cell: toCell(cell) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ cell }) => cell);
}
