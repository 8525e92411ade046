import { layoutError } from './layout-error.ts';
import { statusOfWord } from '@transaction-guardian/contracts/status-word.ts';
import { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import type { GuardianError } from '../errors.ts';
import { shownField } from '../check/finding.ts';
import { findColumn, hasStatusWord, isNamed, namesSeries, plainName, TIME_NAMES, type NamedField } from './column-names.ts';

/** Names of layouts that a caller may ask for; `auto` looks at the header. */
export const CSV_LAYOUTS = ['auto', 'status_counts', 'auth_code_counts', 'general'] as const;
export type CsvLayoutName = (typeof CSV_LAYOUTS)[number];

/** Which column of a file holds what. */
export interface CsvLayout {
  readonly name: Exclude<CsvLayoutName, 'auto'>;
  /** `wide`: a column of counts for each status; `value`: numbers over time, which have no status. */
  readonly kind: 'status' | 'auth_code' | 'wide' | 'value';
  readonly header: readonly string[];
  /** Field of each column: of a transaction, `date` (the day of a time of day), `value`, `series` (words that tell series of
   *  values apart), `status:<status>` of a wide file; null for a column that is left out. */
  readonly fields: readonly (string | null)[];
  /** Rows count by auth code and have no status. */
  readonly breakdown: boolean;
}

export interface LayoutOptions {
  readonly layout?: CsvLayoutName;
  /** Column of each field, by its name in the header. */
  readonly mapping?: Readonly<Record<string, string>>;
  /** Refuses a column that is no field, unless there is a mapping (default: it is left out). */
  readonly strict?: boolean;
  /** Takes files of values too. */
  readonly values?: boolean;
}

/** Decides what the cells of the first rows are: by the first cell that is not blank, words by most of them. Without a row nothing is. */
export interface CellKinds {
  readonly isTime: (column: number) => boolean;
  /** A time of day without a date. */
  readonly isClock: (column: number) => boolean;
  readonly isNumber: (column: number) => boolean;
  /** A number with a part behind its decimal sign. */
  readonly isFraction: (column: number) => boolean;
  readonly isStatus: (column: number) => boolean;
  /** Words that have one of a status in them (`PAYMENT_SUCCESS`). */
  readonly isOutcome: (column: number) => boolean;
  /** Words for yes and no. */
  readonly isFlag: (column: number) => boolean;
}

const FIELDS = new Set(Object.keys(Transaction.properties));
const COUNT_LAYOUTS = { status_counts: 'timestamp,status,count', auth_code_counts: 'timestamp,auth_code,count' } as const;
/** Fields of a transaction that a file may have beside time, status, code and count; those of a wide file belong to each of
 *  its counts. */
const BESIDE = ['id', 'amount', 'currency', 'merchant_id', 'acquirer', 'card_bin', 'payment_method', 'customer_id'] as const;
const BESIDE_WIDE = ['merchant_id', 'acquirer'] as const;

/** Columns by number that carry a time, a count and so on. `find` gives -1 where there is none. */
interface Columns {
  readonly header: readonly string[];
  /** Plain names; '' for one that the mapping has taken. */
  readonly names: readonly string[];
  readonly find: (field: NamedField) => number;
  readonly kinds: CellKinds;
}

/** Reads a header line. Of several columns that could be meant the one with the most usual name is taken, in English, Portuguese
 *  or Spanish. Where no name says it, the only column with a time in it is the time, and the only one with a number is the value;
 *  a label never is. Times of day take their date from the only other column with a time. A status or a code without a count is
 *  one transaction a row. Throws CSV_LAYOUT. */
export function readLayout(header: readonly string[], kinds: CellKinds, options: LayoutOptions = {}): CsvLayout {
  if (header.some((name) => name.includes('\uFFFD'))) throw layoutError('encoding');
  const { columns, mapped } = namedColumns(header, kinds, options.mapping);
  const time = timeOf(columns);
  if (time < 0) throw missing(header, TIME_NAMES);
  const fields: (string | null)[] = header.map(() => null);
  fields[time] = 'timestamp';
  const date = dateOf(columns, time);
  if (date >= 0) fields[date] = 'date';
  const counted = countsOf(columns, fields);
  refuseTwice(header);
  const kind = counted ?? valuesOf(columns, fields, options.values ?? false);
  if (kind !== 'value') addFields(columns, fields, kind);
  const unused = [...mapped.keys()].find((column) => fields[column] == null);
  if (unused !== undefined) fields[unused] = mapped.get(unused) ?? null;
  if (options.strict === true && options.mapping === undefined) refuseOthers(header, fields);
  return { name: nameOf(header, fields, options.layout ?? 'auto'), kind, header, fields, breakdown: kind === 'auth_code' };
}

function namedColumns(header: readonly string[], kinds: CellKinds, mapping: LayoutOptions['mapping'] = {}) {
  const plain = header.map(plainName);
  const mapped = new Map<number, string>();
  for (const [field, column] of Object.entries(mapping)) {
    if (!FIELDS.has(field)) throw layoutError('mapping_field', { name: shownField(field), fields: [...FIELDS].join(', ') });
    const place = header.findIndex((name) => name.toLowerCase() === column.toLowerCase());
    if (place < 0) throw layoutError('mapping_column', { name: shownField(column), columns: list(header) });
    const other = mapped.get(place);
    if (other !== undefined)
      throw layoutError('mapping_twice', { name: shownField(column), fields: `${shownField(other)}, ${shownField(field)}` });
    mapped.set(place, field);
  }
  const names = plain.map((name, column) => (mapped.has(column) ? '' : name));
  const find = (field: NamedField): number => {
    const [given] = [...mapped].find(([, own]) => own === field) ?? [];
    return given ?? findColumn(names, field);
  };
  return { columns: { header, names, find, kinds } satisfies Columns, mapped };
}

/** The time column; of two, the one that is read is the time of day, whose date is in the other one. */
function timeOf({ names, find, kinds }: Columns): number {
  const clock = only(names, (column) => isNamed('timestamp', names[column] ?? '') && kinds.isClock(column));
  return [clock, find('timestamp'), only(names, kinds.isTime)].find((column) => column >= 0) ?? -1;
}

/** The column with the date of a time of day. */
function dateOf({ names, kinds }: Columns, time: number): number {
  if (!kinds.isClock(time)) return -1;
  return only(names, (column) => column !== time && kinds.isTime(column) && !kinds.isClock(column));
}

/** Marks the columns of counts by status or code; null where the file has none. */
function countsOf(columns: Columns, fields: (string | null)[]): 'status' | 'auth_code' | 'wide' | null {
  const { header, names, find, kinds } = columns;
  const [status, code, count] = [statusColumn(columns), find('auth_code'), find('count')];
  let value = find('value');
  if (count < 0 && value >= 0 && status >= 0 && kinds.isStatus(status)) {
    // `49,90` beside a status is money: nobody counts in parts.
    if (!kinds.isFraction(value) || find('amount') >= 0) throw unclear(header[value] ?? '');
    fields[value] = 'amount';
    value = -1;
  }
  const isSingle = count < 0 && value < 0;
  // A column of words that is called a status is one, so that a word which is not known is refused and not left out.
  const isStatus = status >= 0 && (count >= 0 || (isSingle && !kinds.isNumber(status) && !kinds.isTime(status)));
  const isCode = !isStatus && code >= 0 && (count >= 0 || (isSingle && names[code] !== 'code' && names[code] !== 'codigo'));
  if (isStatus || isCode) {
    fields[isStatus ? status : code] = isStatus ? 'status' : 'auth_code';
    if (count >= 0) fields[count] = 'count';
    return isStatus ? 'status' : 'auth_code';
  }
  const wide = [...names.entries()].filter(([, name]) => statusOfWord(name) !== undefined);
  if (wide.length < 2 || !isSingle) return null;
  for (const [column, name] of wide) fields[column] = `status:${statusOfWord(name)}`;
  return 'wide';
}

/** Names that something else may have too (`estado` is also a part of a country): only their words say that it is a status. */
const STATUS_BY_WORDS = new Set(['estado', 'result', 'resultado', 'outcome']);

/** Of these, what a measure does not have: `49,90` beside it is the money of one transaction. */
const OUTCOMES = new Set(['result', 'resultado', 'outcome']);

/** The column of statuses; without one of its names, the only column whose word is a status. */
function statusColumn({ names, find, kinds }: Columns): number {
  const status = find('status');
  if (status >= 0 && (!STATUS_BY_WORDS.has(names[status] ?? '') || kinds.isStatus(status))) return status;
  const isOpen = (column: number): boolean => names[column] !== '' && !isNamed('label', names[column] ?? '') && kinds.isStatus(column);
  return find('value') >= 0 ? -1 : only(names, isOpen);
}

function addFields({ names, find }: Columns, fields: (string | null)[], kind: 'status' | 'auth_code' | 'wide'): void {
  for (const field of kind === 'wide' ? BESIDE_WIDE : BESIDE) {
    const column = find(field);
    if (column >= 0) fields[column] ??= field;
  }
  const code = find('auth_code');
  // A column that is only called a code may be any code.
  if (kind === 'status' && code >= 0 && names[code] !== 'code' && names[code] !== 'codigo') fields[code] ??= 'auth_code';
}

/** Marks the column of values, and those of words beside it. */
function valuesOf({ header, names, find, kinds }: Columns, fields: (string | null)[], isTaken: boolean): 'value' {
  if (!isTaken) throw missing(header, 'status, auth_code');
  const isOther = (column: number): boolean => fields[column] === null && names[column] !== '' && !isNamed('label', names[column] ?? '');
  const numbers = [...names.keys()].filter((column) => isOther(column) && kinds.isNumber(column));
  const best = [find('value'), find('count'), only(names, isOther), numbers.length === 1 ? (numbers[0] ?? -1) : -1].find(
    (column) => column >= 0,
  );
  if (best === undefined) throw numbers.length > 1 ? several(header, numbers) : missing(header, 'value, count');
  const isSeries = (column: number): boolean => isOther(column) && (!kinds.isNumber(column) || namesSeries(names[column] ?? ''));
  const words = [...names.keys()].filter((column) => column !== best && isSeries(column));
  // A measure that has a name of its own may stand beside the outcomes of what was measured.
  const isMeasure = best === find('value') || best === find('count');
  const outcome = words.find((column) => kinds.isOutcome(column) || (kinds.isFlag(column) && hasStatusWord(header[column] ?? '')));
  const isMoney =
    isNamed('amount', names[best] ?? '') || (kinds.isFraction(best) && words.some((column) => OUTCOMES.has(names[column] ?? '')));
  if (isMoney && words.length > 0)
    throw layoutError('no_status', { columns: shownField(header[best] ?? ''), words: list(words.map((column) => header[column] ?? '')) });
  if (!isMeasure && outcome !== undefined)
    throw layoutError('outcome', { columns: shownField(header[best] ?? ''), words: shownField(header[outcome] ?? '') });
  fields[best] = 'value';
  for (const column of words) fields[column] = 'series';
  return 'value';
}

function nameOf(header: readonly string[], fields: readonly (string | null)[], wanted: CsvLayoutName): CsvLayout['name'] {
  const key = fields
    .filter((field) => field !== null)
    .toSorted()
    .join();
  const name =
    (['status_counts', 'auth_code_counts'] as const).find((layout) => COUNT_LAYOUTS[layout].split(',').toSorted().join() === key) ??
    'general';
  if (wanted !== 'auto' && wanted !== 'general' && wanted !== name)
    throw layoutError('layout', { name: wanted, wanted: COUNT_LAYOUTS[wanted], columns: list(header) });
  return name;
}

function refuseTwice(header: readonly string[]): void {
  const names = header.map(plainName);
  const twice = names.findIndex((name, column) => name !== '' && names.indexOf(name) !== column);
  if (twice < 0) return;
  const shown = shownField(header[names.indexOf(names[twice] ?? '')] ?? '');
  throw layoutError('twice', { columns: shown });
}

function refuseOthers(header: readonly string[], fields: readonly (string | null)[]): void {
  const column = header.findIndex((_, place) => fields[place] === null);
  if (column < 0) return;
  const name = shownField((header[column] ?? '').toLowerCase());
  throw layoutError('column', { name, fields: [...FIELDS].join(', ') });
}

function missing(header: readonly string[], names: string): GuardianError {
  const columns = shownField(header.join(',').slice(0, 200));
  return layoutError('header', { names, columns });
}

function unclear(name: string): GuardianError {
  const column = shownField(name);
  return layoutError('unclear', { columns: column });
}

function several(header: readonly string[], columns: readonly number[]): GuardianError {
  const shown = columns.map((column) => shownField(header[column] ?? '')).join(', ');
  return layoutError('several', { columns: shown.slice(0, 200) });
}

/** The one column for which it holds; -1 when there are none or several. */
function only(columns: readonly string[], holds: (column: number) => boolean): number {
  const found = [...columns.keys()].filter(holds);
  return found.length === 1 ? (found[0] ?? -1) : -1;
}

function list(columns: readonly string[]): string {
  return columns
    .slice(0, 30)
    .map((column) => `"${shownField(column)}"`)
    .join(', ');
}

/** True where names say what the columns are, so that no further row can say otherwise. */
export function isSureLayout({ kind, header, fields }: CsvLayout, mapping: LayoutOptions['mapping'] = {}): boolean {
  if (kind !== 'status') return kind !== 'value';
  const name = plainName(header[fields.indexOf('status')] ?? '');
  return mapping['status'] !== undefined || (isNamed('status', name) && !STATUS_BY_WORDS.has(name));
}

/** True where a row carries counts: one that is refused leaves its minute incomplete. Of single transactions one is missing. */
export function isCountRow({ kind, fields }: CsvLayout): boolean {
  return kind === 'wide' || (kind !== 'value' && fields.includes('count'));
}
