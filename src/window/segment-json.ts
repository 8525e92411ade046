import type { Trace } from '../topic/record-headers.ts';
import type { Segment } from './segment.ts';
import { cellKey, createTally, restoreCell, type CellTally, type MinuteTally } from './tally.ts';

const [ALIVE, OBSERVED, HISTORY, INCOMPLETE] = [1, 2, 4, 8];

type PartRow = readonly [paymentMethod: string, cardBin: string, currency: string, count: number, amount: number];
type CellRow = readonly [
  status: CellTally['status'],
  authCode: string,
  merchantId: string,
  acquirer: string,
  count: number,
  amount: number,
  parts: readonly PartRow[],
];
type MinuteRow = readonly [minute: number, total: number, records: number, flags: number, trace: Trace | null, cells: readonly CellRow[]];
type SegmentRow = readonly [
  mark: number,
  live: readonly [eventAt: number, occurredAt: number, arrivedAt: number] | null,
  arrivals: readonly (readonly [minute: number, arrivedAt: number, notes: [number, number][]])[],
  minutes: readonly MinuteRow[],
];

/** Segments as the database keeps them: JSON of nested lists, since most of it would be names otherwise. */
export function writeSegments(segments: readonly Segment[]): string {
  const rows = segments.map(({ mark, live, arrivals, minutes }): SegmentRow => [
    mark,
    live === null ? null : [live.eventAt, live.occurredAt, live.arrivedAt],
    arrivals.map(({ minute, arrivedAt, notes }) => [minute, arrivedAt, notes]),
    minutes.map(toMinuteRow),
  ]);
  return JSON.stringify(rows);
}

/** Reads what `writeSegments` wrote. */
export function readSegments(data: string): Segment[] {
  return (JSON.parse(data) as SegmentRow[]).map(([mark, live, arrivals, minutes]) => ({
    mark,
    live: live === null ? null : { eventAt: live[0], occurredAt: live[1], arrivedAt: live[2] },
    arrivals: arrivals.map(([minute, arrivedAt, notes]) => ({ minute, arrivedAt, notes })),
    minutes: minutes.map(fromMinuteRow),
  }));
}

function toMinuteRow({ minute, total, records, isAlive, isObserved, isHistory, isIncomplete, trace, cells }: MinuteTally): MinuteRow {
  const flags = (isAlive ? ALIVE : 0) | (isObserved ? OBSERVED : 0) | (isHistory ? HISTORY : 0) | (isIncomplete ? INCOMPLETE : 0);
  return [minute, total, records, flags, trace ?? null, Array.from(cells.values(), toCellRow)];
}

function toCellRow({ status, auth_code, merchant_id, acquirer, count, amount, parts }: CellTally): CellRow {
  const partRows = [...(parts?.values() ?? [])].map((part): PartRow => [
    part.payment_method,
    part.card_bin,
    part.currency,
    part.count,
    part.amount,
  ]);
  return [status, auth_code, merchant_id, acquirer, count, amount, partRows];
}

function fromMinuteRow([minute, total, records, flags, trace, cells]: MinuteRow): MinuteTally {
  const tally = createTally(minute);
  for (const [status, auth_code, merchant_id, acquirer, count, amount, parts] of cells) {
    const dimensions = { status, auth_code, merchant_id, acquirer };
    tally.cells.set(cellKey(dimensions), restoreCell({ ...dimensions, count, amount }, parts));
  }
  return Object.assign(tally, {
    total,
    records,
    trace,
    isAlive: (flags & ALIVE) > 0,
    isObserved: (flags & OBSERVED) > 0,
    isHistory: (flags & HISTORY) > 0,
    isIncomplete: (flags & INCOMPLETE) > 0,
  });
}
