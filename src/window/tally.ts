import type { Cell, MinuteState, SliceCount } from '@transaction-guardian/contracts/window.ts';
import type { HeartbeatRecord, TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { sliceCounts, type SlicePart } from '../slice-counts.ts';
import type { Trace } from '../record-headers.ts';
import type { MinuteCountChange } from '../store/verbs/add-minute-counts.ts';

/** Counts of one combination of dimensions in one minute, with what is not in the database yet. */
interface CellTally {
  readonly status: TransactionRecord['status'];
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
  count: number;
  amount: number;
  newCount: number;
  newAmount: number;
  /** What of it names a payment method, a card or a currency, by these. */
  parts: Map<string, PartTally> | null;
}

interface PartTally {
  readonly payment_method: string;
  readonly card_bin: string;
  readonly currency: string;
  count: number;
  amount: number;
}

/** What came for one minute. `isHistory`: every record so far was history being filled in. */
export interface MinuteTally {
  readonly minute: number;
  readonly cells: Map<string, CellTally>;
  readonly changed: Set<CellTally>;
  /** Transactions of cells with a status: what the minute's total is made of. */
  total: number;
  isAlive: boolean;
  isObserved: boolean;
  isHistory: boolean;
  /** The one trace of all that came; null where there are several, or none. */
  trace: Trace | null | undefined;
  /** A row of a file with a count of it was refused. */
  isIncomplete: boolean;
}

/** An empty tally of a minute, epoch milliseconds. */
export function createTally(minute: number): MinuteTally {
  return {
    minute,
    cells: new Map(),
    changed: new Set(),
    total: 0,
    isAlive: false,
    isObserved: false,
    isHistory: true,
    isIncomplete: false,
    trace: undefined,
  };
}

/** Takes a sign of life, or that a row of the minute was refused. The end of a file is neither. */
export function addHeartbeat(tally: MinuteTally, record: HeartbeatRecord): void {
  if (record.incomplete === true) tally.isIncomplete = true;
  else if (!record.backfill) {
    tally.isAlive = true;
    tally.isHistory = false;
  }
}

/** Adds a transaction; a count of 0 only says that its source is alive. */
export function addTransaction(tally: MinuteTally, record: TransactionRecord): void {
  if (!record.backfill) tally.isHistory = false;
  if (record.count === 0) {
    tally.isAlive = true;
    return;
  }
  tally.isObserved = true;
  if (record.status !== '') tally.total += record.count;
  const { status, auth_code = '', merchant_id = '', acquirer = '' } = record;
  const cell = cellOf(tally, { status, auth_code, merchant_id, acquirer });
  const amount = record.amount ?? 0;
  cell.count += record.count;
  cell.amount += amount;
  cell.newCount += record.count;
  cell.newAmount += amount;
  tally.changed.add(cell);
  addPart(cell, record);
}

/** Adds to the part of a cell that has the same payment method, card and currency. */
function addPart(cell: CellTally, of: Pick<TransactionRecord, 'payment_method' | 'card_bin' | 'currency' | 'count' | 'amount'>): void {
  const { payment_method = '', card_bin = '', currency = '', count, amount = 0 } = of;
  if (payment_method === '' && card_bin === '' && currency === '') return;
  const key = `${payment_method}\t${card_bin}\t${currency}`;
  cell.parts ??= new Map();
  const part = cell.parts.get(key);
  if (part === undefined) cell.parts.set(key, { payment_method, card_bin, currency, count, amount });
  else {
    part.count += count;
    part.amount += amount;
  }
}

/** Puts a cell in as the database has it. */
export function restoreCell(tally: MinuteTally, stored: Cell): void {
  const cell = cellOf(tally, stored);
  cell.count = stored.count;
  cell.amount = stored.amount;
}

/** Puts a part of a cell in as the stored records have it. */
export function restorePart(tally: MinuteTally, stored: SlicePart): void {
  addPart(cellOf(tally, stored), stored);
}

/** The slices as windows carry them: no field where there is none. Of a tally of late records: what these add. */
export function withSlices(tally: MinuteTally): { readonly slices?: readonly SliceCount[] } {
  const slices = sliceCounts(partsOf(tally));
  return slices.length === 0 ? {} : { slices };
}

function* partsOf(tally: MinuteTally): Generator<SlicePart> {
  for (const cell of tally.cells.values()) {
    const { status, auth_code, merchant_id, acquirer } = cell;
    let rest = cell.count;
    for (const part of cell.parts?.values() ?? []) {
      rest -= part.count;
      yield { status, auth_code, merchant_id, acquirer, ...part };
    }
    if (rest > 0)
      yield { status, auth_code, merchant_id, acquirer, payment_method: '', card_bin: '', currency: '', count: rest, amount: 0 };
  }
}

/** Takes out what the database does not have yet; from then on it counts as stored. `isLate`: the minute had closed. */
export function takeChanges(tally: MinuteTally, isLate: boolean): MinuteCountChange[] {
  const changes: MinuteCountChange[] = [];
  for (const cell of tally.changed) {
    const { status, auth_code, merchant_id, acquirer, newCount, newAmount } = cell;
    changes.push({
      minute: tally.minute,
      status,
      auth_code,
      merchant_id,
      acquirer,
      count: newCount,
      amount: newAmount,
      late: isLate ? newCount : 0,
    });
    cell.newCount = 0;
    cell.newAmount = 0;
  }
  tally.changed.clear();
  return changes;
}

/** Changes of records in time and of late ones as one change a cell: a minute can close between two records of a batch. */
export function joinChanges(inTime: readonly MinuteCountChange[], late: readonly MinuteCountChange[]): readonly MinuteCountChange[] {
  if (late.length === 0) return inTime;
  const changes = new Map<string, MinuteCountChange>();
  for (const change of [...inTime, ...late]) {
    const key = `${change.minute}\u0000${cellKey(change)}`;
    const before = changes.get(key);
    if (before === undefined) changes.set(key, change);
    else {
      const { count, amount, late: lateCount } = change;
      changes.set(key, { ...before, count: before.count + count, amount: before.amount + amount, late: before.late + lateCount });
    }
  }
  return [...changes.values()];
}

/** The cells as windows carry them: in one order, whatever the order of the records. */
export function cellsOf(tally: MinuteTally): Cell[] {
  return [...tally.cells.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => toCell(cell));
}

/** A cell for a window. Amounts are sums of decimals: rounding to 1/10 000 makes them equal whatever the order of adding. */
export function toCell({ status, auth_code, merchant_id, acquirer, count, amount }: Cell): Cell {
  return { status, auth_code, merchant_id, acquirer, count, amount: Math.round(amount * 10_000) / 10_000 };
}

/** The key by which cells are found and ordered. */
export function cellKey(cell: Readonly<Record<'status' | 'auth_code' | 'merchant_id' | 'acquirer', string>>): string {
  return `${cell.merchant_id}\u0000${cell.status}\u0000${cell.auth_code}\u0000${cell.acquirer}`;
}

/** Why a minute has the count that it has. */
export function stateOf(minute: Pick<MinuteTally, 'isObserved' | 'isAlive' | 'isIncomplete'>): MinuteState {
  if (minute.isIncomplete) return 'incomplete';
  if (minute.isObserved) return 'observed';
  return minute.isAlive ? 'zero' : 'silent';
}

function cellOf(tally: MinuteTally, dimensions: Pick<Cell, 'status' | 'auth_code' | 'merchant_id' | 'acquirer'>): CellTally {
  const key = cellKey(dimensions);
  const known = tally.cells.get(key);
  if (known !== undefined) return known;
  const { status, auth_code, merchant_id, acquirer } = dimensions;
  const cell: CellTally = { status, auth_code, merchant_id, acquirer, count: 0, amount: 0, newCount: 0, newAmount: 0, parts: null };
  tally.cells.set(key, cell);
  return cell;
}
