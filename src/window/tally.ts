import type { Cell, MinuteState, SliceCount } from '@transaction-guardian/contracts/window.ts';
import type { HeartbeatRecord, TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { sliceCounts, type SlicePart } from '../topic/slice-counts.ts';
import { joinTraces, type Trace } from '../topic/record-headers.ts';
import type { MinuteCountChange } from '../store/verbs/minute/add-minute-counts.ts';

/** Counts of one combination of dimensions in one minute. */
export interface CellTally {
  readonly status: TransactionRecord['status'];
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
  count: number;
  amount: number;
  /** What of it names a payment method, a card or a currency, by these. */
  parts: Map<string, PartTally> | null;
}

export interface PartTally {
  readonly payment_method: string;
  readonly card_bin: string;
  readonly currency: string;
  count: number;
  amount: number;
}

/** What came for one minute. `isHistory`: every record so far was backfill. */
export interface MinuteTally {
  readonly minute: number;
  readonly cells: Map<string, CellTally>;
  /** Transactions of cells with a status: what the minute's total is made of. */
  total: number;
  /** Records of any kind. */
  records: number;
  isAlive: boolean;
  isObserved: boolean;
  isHistory: boolean;
  /** The one trace of all that came; null where there are several, or none. */
  trace: Trace | null | undefined;
  /** A row of an uploaded file with a count of it was refused: it is incomplete where it is history. */
  isIncomplete: boolean;
  /** Its live sender itself says that a row is missing: it is incomplete. */
  isCut: boolean;
}

/** An empty tally of a minute, epoch milliseconds. */
export function createTally(minute: number): MinuteTally {
  return {
    minute,
    cells: new Map(),
    total: 0,
    records: 0,
    isAlive: false,
    isObserved: false,
    isHistory: true,
    isIncomplete: false,
    isCut: false,
    trace: undefined,
  };
}

/** Takes a sign of life, or that a row of the minute was refused. The end of a file is neither. */
export function addHeartbeat(tally: MinuteTally, record: HeartbeatRecord): void {
  if (record.incomplete === true) tally[record.backfill ? 'isIncomplete' : 'isCut'] = true;
  else if (!record.backfill) {
    tally.isAlive = true;
    tally.isHistory = false;
  }
}

/** A cell, and the part of it that was counted last. */
interface FoundCell {
  readonly cell: CellTally;
  part: PartTally | undefined;
}

/** Finds the cells of transactions. */
export type CellFinder = (tally: MinuteTally, dimensions: Pick<Cell, 'status' | 'auth_code' | 'merchant_id' | 'acquirer'>) => FoundCell;

/** Combinations of a merchant that are looked through one by one. */
const KNOWN_CELLS = 8;

/** Creates a finder that remembers the cells it has found, by merchant: to make the key of a cell and to hash it takes three times as
 *  long as to compare four texts. Keep it no longer than the tallies. */
export function createCellFinder(): CellFinder {
  const known = new Map<MinuteTally, Map<string, FoundCell[]>>();
  return (tally, dimensions) => {
    let merchants = known.get(tally);
    if (merchants === undefined) known.set(tally, (merchants = new Map()));
    let cells = merchants.get(dimensions.merchant_id);
    if (cells === undefined) merchants.set(dimensions.merchant_id, (cells = []));
    for (const found of cells) if (isCellOf(found.cell, dimensions)) return found;
    const found = { cell: cellOf(tally, dimensions), part: undefined };
    if (cells.length < KNOWN_CELLS) cells.push(found);
    return found;
  };
}

/** Adds a transaction; a count of 0 only says that its source is alive. */
export function addTransaction(tally: MinuteTally, record: TransactionRecord, find: CellFinder): void {
  if (!record.backfill) tally.isHistory = false;
  if (record.count === 0) {
    tally.isAlive = true;
    return;
  }
  tally.isObserved = true;
  if (record.status !== '') tally.total += record.count;
  const { status, auth_code = '', merchant_id = '', acquirer = '' } = record;
  const found = find(tally, { status, auth_code, merchant_id, acquirer });
  found.cell.count += record.count;
  found.cell.amount += record.amount ?? 0;
  addPart(found, record);
}

/** Adds to the part of a cell that has the same payment method, card and currency. */
function addPart(found: FoundCell, of: Pick<TransactionRecord, 'payment_method' | 'card_bin' | 'currency' | 'count' | 'amount'>): void {
  const { payment_method = '', card_bin = '', currency = '', count, amount = 0 } = of;
  if (payment_method === '' && card_bin === '' && currency === '') return;
  let { part } = found;
  if (part?.payment_method !== payment_method || part.card_bin !== card_bin || part.currency !== currency)
    found.part = part = partOf(found.cell, { payment_method, card_bin, currency });
  part.count += count;
  part.amount += amount;
}

function partOf(cell: CellTally, names: Pick<PartTally, 'payment_method' | 'card_bin' | 'currency'>): PartTally {
  const key = `${names.payment_method}\t${names.card_bin}\t${names.currency}`;
  cell.parts ??= new Map();
  const known = cell.parts.get(key);
  if (known !== undefined) return known;
  const part = { ...names, count: 0, amount: 0 };
  cell.parts.set(key, part);
  return part;
}

/** A cell as it was stored, with its parts: payment method, card, currency, count and amount of each. */
export function restoreCell(
  cell: Omit<CellTally, 'parts'>,
  parts: readonly (readonly [string, string, string, number, number])[],
): CellTally {
  const restored: CellTally = { ...cell, parts: null };
  const found: FoundCell = { cell: restored, part: undefined };
  for (const [payment_method, card_bin, currency, count, amount] of parts)
    addPart(found, { payment_method, card_bin, currency, count, amount });
  return restored;
}

/** Adds another tally of the same minute, which must not be used afterwards: its cells may live on in this one. */
export function mergeTally(tally: MinuteTally, other: MinuteTally): void {
  for (const [key, cell] of other.cells) {
    const known = tally.cells.get(key);
    if (known === undefined) tally.cells.set(key, cell);
    else mergeCell(known, cell);
  }
  tally.total += other.total;
  tally.records += other.records;
  tally.isAlive ||= other.isAlive;
  tally.isObserved ||= other.isObserved;
  tally.isHistory &&= other.isHistory;
  tally.isIncomplete ||= other.isIncomplete;
  tally.isCut ||= other.isCut;
  if (other.trace !== undefined) tally.trace = joinTraces(tally.trace, other.trace ?? undefined);
}

function mergeCell(cell: CellTally, other: CellTally): void {
  cell.count += other.count;
  cell.amount += other.amount;
  const found: FoundCell = { cell, part: undefined };
  for (const part of other.parts?.values() ?? []) addPart(found, part);
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

/** What the tallies add to minute counts, one change a cell: several tallies may be of one minute. */
export function changesOf(tallies: readonly MinuteTally[]): MinuteCountChange[] {
  const changes: MinuteCountChange[] = [];
  for (const [minute, own] of Map.groupBy(tallies, (tally) => tally.minute)) {
    const [only] = own;
    const cells = own.length === 1 && only !== undefined ? only.cells : sumCells(own);
    for (const { status, auth_code, merchant_id, acquirer, count, amount } of cells.values())
      changes.push({ minute, status, auth_code, merchant_id, acquirer, count, amount });
  }
  return changes;
}

function sumCells(tallies: readonly MinuteTally[]): Map<string, Cell> {
  const sums = new Map<string, Cell>();
  for (const { cells } of tallies) {
    for (const [key, cell] of cells) {
      const sum = sums.get(key);
      sums.set(key, { ...cell, count: cell.count + (sum?.count ?? 0), amount: cell.amount + (sum?.amount ?? 0) });
    }
  }
  return sums;
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

/** Why a minute has the count that it has. A wrong row of a file that somebody uploads must not hide an outage: a minute of the live
 *  stream is incomplete only where its own sender says so. */
export function minuteStateOf(minute: Pick<MinuteTally, 'isObserved' | 'isAlive' | 'isIncomplete' | 'isCut' | 'isHistory'>): MinuteState {
  if (minute.isCut || (minute.isIncomplete && minute.isHistory)) return 'incomplete';
  if (minute.isObserved) return 'observed';
  return minute.isAlive ? 'zero' : 'silent';
}

function isCellOf(cell: CellTally, of: Pick<Cell, 'status' | 'auth_code' | 'merchant_id' | 'acquirer'>): boolean {
  return (
    cell.status === of.status && cell.auth_code === of.auth_code && cell.acquirer === of.acquirer && cell.merchant_id === of.merchant_id
  );
}

function cellOf(tally: MinuteTally, dimensions: Pick<Cell, 'status' | 'auth_code' | 'merchant_id' | 'acquirer'>): CellTally {
  const key = cellKey(dimensions);
  const known = tally.cells.get(key);
  if (known !== undefined) return known;
  const { status, auth_code, merchant_id, acquirer } = dimensions;
  const cell: CellTally = { status, auth_code, merchant_id, acquirer, count: 0, amount: 0, parts: null };
  tally.cells.set(key, cell);
  return cell;
}
