import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { Sql } from '../store/database.ts';
import { listMerchantCells } from '../store/verbs/minute/list-minute-counts.ts';
import { listMinuteSlices } from '../store/verbs/minute/minute-slices.ts';
import { findMinutes, type MinuteRecord } from '../store/verbs/minute/write-minutes.ts';
import type { Trace } from '../topic/record-headers.ts';
import { cellKey, cellsOf, minuteStateOf, toCell, withSlices, type MinuteTally } from './tally.ts';

/** A closed minute as it is after late records: its row, and the window that describes it (without a number yet). */
export interface Correction {
  readonly row: MinuteRecord;
  readonly window: Omit<ClosedWindow, 'sequence'>;
  /** The one trace of all that came late. */
  readonly trace: Trace | null | undefined;
}

/** Makes the next revision of every closed minute that late records change, oldest first. `tallies`: what came late, which must
 *  be in the minute counts already. A revision names the merchants that changed, so that it stays small however many there
 *  are; a minute that was never closed, because the stream began after it, gets revision 0 and all its cells. */
export async function correctMinutes(sql: Sql, tallies: readonly MinuteTally[], nowMs: number): Promise<Correction[]> {
  const known = await findMinutes(
    sql,
    tallies.map(({ minute }) => minute),
  );
  const corrections: Correction[] = [];
  for (const tally of tallies.toSorted((a, b) => a.minute - b.minute)) {
    const row = correctedRow(known.get(tally.minute), tally, nowMs);
    if (row === undefined) continue;
    const { trace } = tally;
    const window = { ...toWindow(row, nowMs), ...withSlices(tally) };
    if (row.revision === 0) corrections.push({ row, trace, window: { ...window, cells: cellsOf(tally) } });
    else corrections.push({ row, trace, window: { ...window, cells: await changedCells(sql, tally), partial: true } });
  }
  return corrections;
}

/** Everything of the merchants that came late, and all the others together under merchant ''. */
async function changedCells(sql: Sql, tally: MinuteTally): Promise<Cell[]> {
  const merchants = new Set([...tally.cells.values()].map(({ merchant_id }) => merchant_id));
  merchants.delete('');
  const named = await listMerchantCells(sql, tally.minute, [...merchants]);
  const rest = new Map((await listMinuteSlices(sql, [tally.minute])).map((cell) => [cellKey(cell), { ...cell }]));
  for (const cell of named) {
    const sum = rest.get(cellKey({ ...cell, merchant_id: '' }));
    if (sum === undefined) continue;
    Object.assign(sum, { count: sum.count - cell.count, amount: sum.amount - cell.amount });
  }
  return ordered([...named, ...[...rest.values()].filter(({ count }) => count > 0)]);
}

/** The row after the late records; undefined when they change nothing that anybody could see. */
function correctedRow(before: MinuteRecord | undefined, tally: MinuteTally, nowMs: number): MinuteRecord | undefined {
  const isAlive = tally.isAlive || before?.alive === true;
  const isObserved = tally.isObserved || before?.observed === true;
  // The rows that were missing have come when a file brings some and none is refused beside them.
  const isCut = tally.isCut || (before?.state === 'incomplete' && !(tally.isObserved && tally.isHistory));
  const isHistory = tally.isHistory && before?.backfill !== false;
  const state = minuteStateOf({ isAlive, isObserved, isIncomplete: tally.isIncomplete, isCut, isHistory });
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

function toWindow(row: MinuteRecord, nowMs: number): Omit<ClosedWindow, 'sequence' | 'cells'> {
  const { minute, revision, state, late, backfill } = row;
  return { v: 1, minute, revision, state, late, backfill, closed_at: row.closed_at ?? nowMs };
}

function ordered(cells: readonly Cell[]): Cell[] {
  const keyed = cells.map((cell) => ({ key: cellKey(cell), cell: toCell(cell) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ cell }) => cell);
}
