import { STATUSES } from '@transaction-guardian/contracts/transaction.ts';
import { GuardianError } from '../errors.ts';

/** Which column of a file holds what. `name`: the status or code, -1 for plain values; `names`: the ones that are known. */
export interface BacktestLayout {
  readonly header: readonly string[];
  readonly kind: 'status' | 'auth_code' | 'value';
  readonly time: number;
  readonly name: number;
  readonly names: readonly string[] | null;
  readonly value: number;
}

/** Names of columns in English and Portuguese, the usual ones first; compared without case, accents and signs. */
const NAMES = {
  time: ['timestamp', 'time', 'datetime', 'date', 'ts', 'datahora', 'data', 'horario', 'hora', 'minute', 'hour', 'day', 'ds'],
  status: ['status', 'situacao'],
  code: ['authcode', 'code', 'codigo'],
  count: ['count', 'f0', 'total', 'quantity', 'quantidade', 'qtd', 'contagem'],
  value: ['value', 'valor', 'latencyms', 'latency', 'latenciams', 'latencia', 'y'],
  label: ['label', 'labels', 'isanomaly', 'anomaly', 'class', 'rotulo'],
} as const;

/** Tells what the cells of the first row are; without a row nothing is. */
export interface CellKinds {
  readonly isTime: (column: number) => boolean;
  readonly isNumber: (column: number) => boolean;
}

/** Reads a header. Of several columns that could be meant the one with the most usual name is taken. Where no name says it,
 *  the only column with a time in it is the time, and the only other one, or the only one with a number, is the value; a label
 *  never is. Throws CSV_LAYOUT with the header. */
export function readBacktestLayout(header: readonly string[], kinds: CellKinds): BacktestLayout {
  if (header.some((name) => name.includes('\uFFFD')))
    throw new GuardianError('CSV_LAYOUT', 'The header line is not UTF-8 text.', { data: { reason: 'the header line is not UTF-8 text.' } });
  const columns = header.map(plain);
  const find = (field: keyof typeof NAMES): number =>
    NAMES[field].reduce((found: number, name) => (found >= 0 ? found : columns.indexOf(name)), -1);
  const [status, code, count] = [find('status'), find('code'), find('count')];
  const time = [find('time'), only(columns, kinds.isTime)].find((column) => column >= 0);
  const times = NAMES.time.slice(0, 5).join(', ');
  if (time === undefined) throw refuse(header, `a column of times (${times})`, times);
  if (count >= 0) {
    if (status >= 0) return { header, kind: 'status', time, name: status, names: STATUSES, value: count };
    if (code >= 0) return { header, kind: 'auth_code', time, name: code, names: null, value: count };
  }
  const isOther = (column: number): boolean => column !== time && columns[column] !== '' && !isLabel(columns[column] ?? '');
  const value = [find('value'), count, only(columns, isOther), only(columns, (column) => isOther(column) && kinds.isNumber(column))].find(
    (column) => column >= 0,
  );
  if (value === undefined) throw refuse(header, 'a column "value" or "count"', 'value, count');
  return { header, kind: 'value', time, name: -1, names: null, value };
}

const isLabel = (name: string): boolean => (NAMES.label as readonly string[]).includes(name);

function refuse(header: readonly string[], missing: string, names: string): GuardianError {
  const shown = header.join(',').slice(0, 200);
  return new GuardianError(
    'CSV_LAYOUT',
    `Expected a header like timestamp,status,count, timestamp,auth_code,count or timestamp,value; there is not ${missing} in ${shown}.`,
    { data: { rule: 'header', names, columns: shown } },
  );
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
