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

/** Reads a header. Of several columns that could be meant the one with the most usual name is taken; a single column
 *  beside the time (and a label) is the value, whatever its name. Throws CSV_LAYOUT with the header. */
export function readBacktestLayout(header: readonly string[]): BacktestLayout {
  const columns = header.map(plain);
  const find = (field: keyof typeof NAMES): number =>
    NAMES[field].reduce((found: number, name) => (found >= 0 ? found : columns.indexOf(name)), -1);
  const [time, status, code, count] = [find('time'), find('status'), find('code'), find('count')];
  if (time >= 0 && count >= 0) {
    if (status >= 0) return { header, kind: 'status', time, name: status, names: STATUSES, value: count };
    if (code >= 0) return { header, kind: 'auth_code', time, name: code, names: null, value: count };
  }
  const value = [find('value'), count, onlyOther(columns, time)].find((column) => column >= 0);
  if (time >= 0 && value !== undefined) return { header, kind: 'value', time, name: -1, names: null, value };
  const shown = header.join(',').slice(0, 200);
  const names = time < 0 ? NAMES.time.slice(0, 5).join(', ') : 'value, count';
  const missing = time < 0 ? `a column of times (${names})` : 'a column "value" or "count"';
  throw new GuardianError(
    'CSV_LAYOUT',
    `Expected a header like timestamp,status,count, timestamp,auth_code,count or timestamp,value; there is not ${missing} in ${shown}.`,
    { data: { rule: 'header', names, columns: shown } },
  );
}

/** The one column that is neither the time nor a label; -1 when there are none or several. */
function onlyOther(columns: readonly string[], time: number): number {
  const others = columns.flatMap((name, column) =>
    column === time || name === '' || (NAMES.label as readonly string[]).includes(name) ? [] : [column],
  );
  return others.length === 1 ? (others[0] ?? -1) : -1;
}

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
