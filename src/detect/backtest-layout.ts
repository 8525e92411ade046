import { STATUSES } from '@transaction-guardian/contracts/transaction.ts';
import { statusOfWord } from '@transaction-guardian/contracts/status-word.ts';
import { GuardianError } from '../errors.ts';

/** Which column of a file holds what; -1 for none. `names`: the statuses that are known. */
export interface BacktestLayout {
  readonly header: readonly string[];
  /** `wide`: a column of counts for each status. */
  readonly kind: 'status' | 'auth_code' | 'value' | 'wide';
  readonly time: number;
  /** The day, where `time` holds times of day only. */
  readonly date: number;
  /** The status or the code. */
  readonly name: number;
  readonly names: readonly string[] | null;
  /** -1 where each row is one transaction, and for `wide`. */
  readonly value: number;
  /** The columns of statuses of `wide`. */
  readonly wide: readonly number[];
  /** Columns of words beside a value: where rows share a time, they name its series. */
  readonly labels: readonly number[];
  /** Columns of fields by which counts are also told apart. */
  readonly dimensions: Readonly<Partial<Record<Dimension, number>>>;
}

/** What counts are told apart by beside the status. */
export type Dimension = 'merchant_id' | 'acquirer' | 'auth_code';

/** Names of columns in English and Portuguese, the usual ones first; compared without case, accents and signs. */
const NAMES = {
  time: ['timestamp', 'time', 'datetime', 'date', 'ts', 'datahora', 'data', 'horario', 'hora', 'minute', 'hour', 'day', 'ds'],
  status: ['status', 'situacao'],
  code: ['authcode', 'code', 'codigo'],
  count: ['count', 'f0', 'total', 'quantity', 'quantidade', 'qtd', 'contagem'],
  value: ['value', 'valor', 'latencyms', 'latency', 'latenciams', 'latencia', 'y'],
  merchant_id: ['merchantid', 'merchant', 'lojista', 'loja', 'idlojista', 'storeid', 'store'],
  acquirer: ['acquirer', 'adquirente', 'acquirerid', 'processor'],
  label: ['label', 'labels', 'isanomaly', 'anomaly', 'class', 'rotulo'],
} as const;

/** Tells what the cells of the first row are; without a row nothing is. */
export interface CellKinds {
  readonly isTime: (column: number) => boolean;
  /** A time of day without a date. */
  readonly isClock: (column: number) => boolean;
  readonly isNumber: (column: number) => boolean;
  readonly isStatus: (column: number) => boolean;
}

/** Reads a header. Of several columns that could be meant the one with the most usual name is taken. Where no name says it,
 *  the only column with a time in it is the time, and the only other one, or the only one with a number, is the value; a label
 *  never is. Times of day take their date from the only other column with a time. A status or a code without a count is one
 *  transaction a row. Throws CSV_LAYOUT with the header. */
export function readBacktestLayout(header: readonly string[], kinds: CellKinds): BacktestLayout {
  if (header.some((name) => name.includes('\uFFFD')))
    throw new GuardianError('CSV_LAYOUT', 'The header line is not UTF-8 text.', { data: { reason: 'the header line is not UTF-8 text.' } });
  const columns = header.map(plain);
  const find = (field: keyof typeof NAMES): number =>
    NAMES[field].reduce((found: number, name) => (found >= 0 ? found : columns.indexOf(name)), -1);
  const time = timeOf(columns, find('time'), kinds);
  const times = NAMES.time.slice(0, 5).join(', ');
  if (time === undefined) throw refuse(header, `a column of times (${times})`, times);
  const [status, value] = [find('status'), find('value')];
  if (find('count') < 0 && value >= 0 && status >= 0 && kinds.isStatus(status)) throw refuseUnclear(header[value] ?? '');
  const base = { header, time, date: dateOf(columns, time, kinds), names: null, wide: [], labels: [], dimensions: {} };
  const counted = countsOf(columns, find, kinds);
  const twice = columns.find((name, column) => name !== '' && columns.indexOf(name) !== column);
  if (twice !== undefined) throw refuseTwice(header[columns.indexOf(twice)] ?? twice);
  if (counted !== null) return { ...base, ...counted, dimensions: dimensionsOf(counted, find) };
  const isOther = (column: number): boolean =>
    column !== time && column !== base.date && columns[column] !== '' && !isLabel(columns[column] ?? '');
  const numbers = [...columns.keys()].filter((column) => isOther(column) && kinds.isNumber(column));
  const best = [value, find('count'), only(columns, isOther), numbers.length === 1 ? numbers[0] : -1].find(
    (column) => column !== undefined && column >= 0,
  );
  const labels = [...columns.keys()].filter((column) => column !== best && isOther(column) && !kinds.isNumber(column));
  if (best !== undefined) return { ...base, kind: 'value', name: -1, value: best, labels };
  if (numbers.length > 1) throw refuseSeveral(header, numbers);
  throw refuse(header, 'a column "value" or "count"', 'value, count');
}

/** The time column; of two, the one that is read is the time of day, whose date is in the other one. */
function timeOf(columns: readonly string[], named: number, kinds: CellKinds): number | undefined {
  const clock = only(columns, (column) => isTimeName(columns[column] ?? '') && kinds.isClock(column));
  return [clock, named, only(columns, kinds.isTime)].find((column) => column >= 0);
}

/** The column with the date of a time of day. */
function dateOf(columns: readonly string[], time: number, kinds: CellKinds): number {
  if (!kinds.isClock(time)) return -1;
  return only(columns, (column) => column !== time && kinds.isTime(column) && !kinds.isClock(column));
}

type Counted = Pick<BacktestLayout, 'kind' | 'name' | 'names' | 'value' | 'wide'>;

/** The columns of counts by status or code; null where the file has values. */
function countsOf(columns: readonly string[], find: (field: keyof typeof NAMES) => number, kinds: CellKinds): Counted | null {
  const [status, code, count, value] = [find('status'), find('code'), find('count'), find('value')];
  const isSingle = count < 0 && value < 0;
  // A column of words that is called a status is one, so that a word which is not known is refused and not left out.
  if (status >= 0 && (count >= 0 || (isSingle && !kinds.isNumber(status) && !kinds.isTime(status))))
    return { kind: 'status', name: status, names: STATUSES, value: count, wide: [] };
  if (code >= 0 && (count >= 0 || (isSingle && columns[code] === 'authcode')))
    return { kind: 'auth_code', name: code, names: null, value: count, wide: [] };
  const wide = [...columns.keys()].filter((column) => statusOf(columns[column] ?? '') !== undefined);
  return wide.length > 1 && isSingle ? { kind: 'wide', name: -1, names: null, value: -1, wide } : null;
}

/** The status that a column of a wide file is named after. */
export function statusOf(name: string): string | undefined {
  return statusOfWord(name);
}

const isTimeName = (name: string): boolean => (NAMES.time as readonly string[]).includes(name);
const isLabel = (name: string): boolean => (NAMES.label as readonly string[]).includes(name);

function refuse(header: readonly string[], missing: string, names: string): GuardianError {
  const shown = header.join(',').slice(0, 200);
  return new GuardianError(
    'CSV_LAYOUT',
    `Expected a header like timestamp,status,count, timestamp,auth_code,count or timestamp,value; there is not ${missing} in ${shown}.`,
    { data: { rule: 'header', names, columns: shown } },
  );
}

function refuseUnclear(column: string): GuardianError {
  return new GuardianError(
    'CSV_LAYOUT',
    `The column "${column}" beside a status may be a count or an amount of money: name it "count" or "amount".`,
    { data: { rule: 'unclear', columns: column } },
  );
}

function refuseTwice(column: string): GuardianError {
  return new GuardianError('CSV_LAYOUT', `Two columns are named "${column}": give one of them another name.`, {
    data: { rule: 'twice', columns: column },
  });
}

/** Columns of the dimensions that the product counts by; a code only beside a status, where it is not the name itself. */
function dimensionsOf({ kind }: Counted, find: (field: keyof typeof NAMES) => number): BacktestLayout['dimensions'] {
  const [merchant, acquirer, code] = [find('merchant_id'), find('acquirer'), kind === 'status' ? find('code') : -1];
  return {
    ...(merchant < 0 ? {} : { merchant_id: merchant }),
    ...(acquirer < 0 ? {} : { acquirer }),
    ...(code < 0 ? {} : { auth_code: code }),
  };
}

function refuseSeveral(header: readonly string[], columns: readonly number[]): GuardianError {
  const shown = columns
    .map((column) => header[column])
    .join(', ')
    .slice(0, 200);
  return new GuardianError('CSV_LAYOUT', `Several columns have numbers (${shown}): name the one that counts "value" or "count".`, {
    data: { rule: 'several', columns: shown },
  });
}

/** The one column for which it holds; -1 when there are none or several. */
function only(columns: readonly string[], holds: (column: number) => boolean): number {
  const found = [...columns.keys()].filter(holds);
  return found.length === 1 ? (found[0] ?? -1) : -1;
}

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
