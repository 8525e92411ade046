import type { Trace } from '../topic/record-headers.ts';
import type { Segment } from './segment.ts';
import { cellKey, createTally, restoreCell, type CellTally, type MinuteTally } from './tally.ts';

const [ALIVE, OBSERVED, HISTORY, INCOMPLETE, CUT] = [1, 2, 4, 8, 16];

type PartRow = readonly [paymentMethod: string, cardBin: string, currency: string, count: number, amount: number];
type CellOf = readonly [status: CellTally['status'], authCode: string, merchantId: string, acquirer: string, count: number, amount: number];
/** A cell with its parts; with the names of its one part, where that is all of it, as it nearly always is. */
type CellRow =
  | readonly [...CellOf, parts: readonly PartRow[]]
  | readonly [...CellOf, paymentMethod: string, cardBin: string, currency: string];
type MinuteRow = readonly [minute: number, total: number, records: number, flags: number, trace: Trace | null, cells: readonly CellRow[]];
type SegmentRow = readonly [
  mark: number,
  live: readonly [eventAt: number, occurredAt: number, arrivedAt: number] | null,
  arrivals: readonly (readonly [minute: number, arrivedAt: number, notes: [number, number][]])[],
  minutes: readonly MinuteRow[],
  canaries?: readonly number[],
];

/** Segments as the database keeps them: JSON of nested lists, since most of it would be names otherwise. */
export function writeSegments(segments: readonly Segment[]): string {
  const rows = segments.map(({ mark, live, arrivals, minutes, canaries }): SegmentRow => [
    mark,
    live === null ? null : [live.eventAt, live.occurredAt, live.arrivedAt],
    arrivals.map(({ minute, arrivedAt, notes }) => [minute, arrivedAt, notes]),
    minutes.map(toMinuteRow),
    ...(canaries === undefined ? ([] as const) : ([canaries] as const)),
  ]);
  return JSON.stringify(rows);
}

/** Reads what `writeSegments` wrote. */
export function readSegments(data: string): Segment[] {
  return (JSON.parse(data) as SegmentRow[]).map(([mark, live, arrivals, minutes, canaries]) => ({
    mark,
    live: live === null ? null : { eventAt: live[0], occurredAt: live[1], arrivedAt: live[2] },
    arrivals: arrivals.map(([minute, arrivedAt, notes]) => ({ minute, arrivedAt, notes })),
    minutes: minutes.map(fromMinuteRow),
    ...(canaries === undefined ? {} : { canaries }),
  }));
}

function toMinuteRow({ minute, total, records, trace, cells, ...is }: MinuteTally): MinuteRow {
  const flags =
    (is.isAlive ? ALIVE : 0) |
    (is.isObserved ? OBSERVED : 0) |
    (is.isHistory ? HISTORY : 0) |
    (is.isIncomplete ? INCOMPLETE : 0) |
    (is.isCut ? CUT : 0);
  return [minute, total, records, flags, trace ?? null, Array.from(cells.values(), toCellRow)];
}

function toCellRow({ status, auth_code, merchant_id, acquirer, count, amount, parts }: CellTally): CellRow {
  const own = [...(parts?.values() ?? [])];
  const [only] = own;
  if (only !== undefined && own.length === 1 && only.count === count && only.amount === amount)
    return [status, auth_code, merchant_id, acquirer, count, amount, only.payment_method, only.card_bin, only.currency];
  const rows = own.map((part): PartRow => [part.payment_method, part.card_bin, part.currency, part.count, part.amount]);
  return [status, auth_code, merchant_id, acquirer, count, amount, rows];
}

function fromCellRow(row: CellRow): CellTally {
  const [status, auth_code, merchant_id, acquirer, count, amount] = row;
  const parts: readonly PartRow[] = row.length === 7 ? row[6] : [[row[6], row[7], row[8], count, amount]];
  return restoreCell({ status, auth_code, merchant_id, acquirer, count, amount }, parts);
}

function fromMinuteRow([minute, total, records, flags, trace, cells]: MinuteRow): MinuteTally {
  const tally = createTally(minute);
  for (const row of cells) {
    const cell = fromCellRow(row);
    tally.cells.set(cellKey(cell), cell);
  }
  return Object.assign(tally, {
    total,
    records,
    trace,
    isAlive: (flags & ALIVE) > 0,
    isObserved: (flags & OBSERVED) > 0,
    isHistory: (flags & HISTORY) > 0,
    isIncomplete: (flags & INCOMPLETE) > 0,
    isCut: (flags & CUT) > 0,
  });
}
