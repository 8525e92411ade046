import type { CsvLayout } from '../csv/csv-layout.ts';
import { shownField } from '../check/finding.ts';
import type { Cli } from './cli.ts';

/** Which columns of a file were taken for what, and which were left out. */
export interface ColumnsRead {
  /** Columns of each field, in the order of the file: `timestamp`, `status`, `count`, ... A file of values has `value` and `series`. */
  readonly read_as: Readonly<Record<string, readonly string[]>>;
  readonly left_out: readonly string[];
}

const FIRST = ['timestamp', 'status', 'auth_code', 'value', 'count', 'amount'];

/** Says what the columns of a layout were taken for. */
export function columnsRead({ header, fields }: CsvLayout): ColumnsRead {
  const byField = new Map<string, string[]>();
  const rest: string[] = [];
  for (const [column, field] of fields.entries()) {
    const name = shownField(header[column] ?? '');
    const role = field === 'date' ? 'timestamp' : (field?.split(':')[0] ?? null);
    if (role !== null) byField.set(role, [...(byField.get(role) ?? []), name]);
    else if (name !== '') rest.push(name);
  }
  const placeOf = (field: string): number => (FIRST.includes(field) ? FIRST.indexOf(field) : FIRST.length);
  return { read_as: Object.fromEntries([...byField].sort(([a], [b]) => placeOf(a) - placeOf(b))), left_out: rest };
}

/** The same as one line for a person. */
export function layoutText(cli: Pick<Cli, 'say'>, layout: CsvLayout): string {
  const { read_as, left_out } = columnsRead(layout);
  const columns = Object.entries(read_as)
    .map(([field, own]) => `${field} = ${own.join(' + ')}`)
    .join(', ');
  return left_out.length === 0 ? cli.say('file.read_all', { columns }) : cli.say('file.read', { columns, rest: left_out.join(', ') });
}
