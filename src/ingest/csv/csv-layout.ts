import { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { GuardianError } from '../../errors.ts';
import { shownName } from '../finding.ts';

/** Names of layouts that a caller may ask for; `auto` looks at the header. */
export const CSV_LAYOUTS = ['auto', 'status_counts', 'auth_code_counts', 'general'] as const;
export type CsvLayoutName = (typeof CSV_LAYOUTS)[number];

/** Which column holds which field. `breakdown`: rows count by auth code and have no status. */
export interface CsvLayout {
  readonly name: Exclude<CsvLayoutName, 'auto'>;
  /** Field of each column; null for a column that is not read. */
  readonly fields: readonly (string | null)[];
  readonly breakdown: boolean;
}

const FIELDS = new Set(Object.keys(Transaction.properties));
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['time', 'timestamp'],
  ['f0_', 'count'],
]);
const COUNT_LAYOUTS = { status_counts: 'timestamp,status,count', auth_code_counts: 'timestamp,auth_code,count' } as const;

/** Reads a header line. Every column must be a field of a transaction (`time` is read as timestamp); `mapping`
 *  gives the columns of fields that have other names, and what is no field then is left out. Throws CSV_LAYOUT with `data.reason`. */
export function readLayout(header: readonly string[], wanted: CsvLayoutName, mapping?: Readonly<Record<string, string>>): CsvLayout {
  const columns = header.map((column) => column.toLowerCase());
  const fields = mapping === undefined ? columns.map(fieldOfColumn) : mapColumns(columns, mapping);
  const named = fields.filter((field) => field !== null);
  const twice = named.find((field, index) => named.indexOf(field) !== index);
  if (twice !== undefined) throw layoutError(`"${twice}" has two columns`);
  const breakdown = named.includes('auth_code') && !named.includes('status');
  if (!breakdown && !named.includes('status')) throw layoutError(`no column "status" or "auth_code" among ${list(header)}`);
  if (!named.includes('timestamp')) throw layoutError(`no column "timestamp" or "time" among ${list(header)}`);
  const key = named.toSorted().join();
  const name =
    (['status_counts', 'auth_code_counts'] as const).find((layout) => COUNT_LAYOUTS[layout].split(',').toSorted().join() === key) ??
    'general';
  if (wanted !== 'auto' && wanted !== 'general' && wanted !== name)
    throw layoutError(`layout ${wanted} needs the columns ${COUNT_LAYOUTS[wanted]}, not ${list(header)}`);
  return { name, fields, breakdown };
}

function fieldOfColumn(column: string): string {
  const field = ALIASES.get(column) ?? column;
  if (!FIELDS.has(field))
    throw layoutError(`column "${shownName(column)}" is not a field (${[...FIELDS].join(', ')}); give a mapping to leave it out`);
  return field;
}

function mapColumns(columns: readonly string[], mapping: Readonly<Record<string, string>>): (string | null)[] {
  const fieldByColumn = new Map<string, string>();
  for (const [field, column] of Object.entries(mapping)) {
    if (!FIELDS.has(field)) throw layoutError(`the mapping names "${shownName(field)}", which is not a field (${[...FIELDS].join(', ')})`);
    if (!columns.includes(column.toLowerCase()))
      throw layoutError(`the mapping wants column "${shownName(column)}", the file has ${list(columns)}`);
    fieldByColumn.set(column.toLowerCase(), field);
  }
  const mapped = new Set(fieldByColumn.values());
  const own = (column: string): string | null => {
    const field = ALIASES.get(column) ?? column;
    return FIELDS.has(field) && !mapped.has(field) ? field : null;
  };
  return columns.map((column) => fieldByColumn.get(column) ?? own(column));
}

function list(columns: readonly string[]): string {
  return columns
    .slice(0, 30)
    .map((column) => `"${shownName(column)}"`)
    .join(', ');
}

/** The error for a file whose header or whose time column cannot be read. */
export function layoutError(reason: string): GuardianError {
  return new GuardianError('CSV_LAYOUT', `The CSV cannot be read: ${reason}.`, { data: { reason: `${reason}.` } });
}
