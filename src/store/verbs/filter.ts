import type { AnomalyType, Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Param } from '../database.ts';

/** Conditions of a WHERE clause and the values they bind. */
export interface Filter {
  /** Adds a condition; every `?` in it becomes the next `$n`, bound to the value at the same place. */
  add(condition: string, ...values: Param[]): void;
  /** Adds `column = value`, or `column = ANY(values)` for a list; nothing when `value` is undefined. */
  equals(column: string, value: string | readonly string[] | undefined): void;
  /** Binds a value outside a condition and returns its `$n`. */
  bind(value: Param): string;
  /** `WHERE ...`, or '' without a condition. */
  clause(): string;
  readonly params: Param[];
}

/** Builds a WHERE clause whose values are always bound, never spliced into the text. Column names come from our code. `statement`: a filter
 *  of the same statement, whose values come first and go on with these. */
export function createFilter(statement?: Filter): Filter {
  const conditions: string[] = [];
  const params: Param[] = statement?.params ?? [];
  const bind = (value: Param): string => `$${params.push(value)}`;
  const add = (condition: string, ...values: Param[]): void => {
    let index = 0;
    conditions.push(condition.replaceAll('?', () => bind(values[index++] ?? null)));
  };
  return {
    add,
    bind,
    params,
    equals: (column, value) => {
      if (value === undefined) return;
      if (typeof value === 'string') add(`${column} = ?`, value);
      else add(`${column} = any(?::text[])`, value);
    },
    clause: () => (conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`),
  };
}

/** Which anomalies or alerts; an absent field means all. Times are epoch milliseconds of event time. */
export interface IncidentFilter {
  readonly type?: AnomalyType | readonly AnomalyType[];
  readonly severity?: Severity | readonly Severity[];
  readonly authCode?: string;
  readonly acquirer?: string;
  readonly merchantId?: string;
  /** Those that had not ended before this time. */
  readonly from?: number;
  /** Those that had begun before this time. */
  readonly to?: number;
  readonly backfill?: boolean;
}

/** Adds what is wanted of anomalies or alerts; `begin` and `end` are the columns of their times, `end` null while it lasts. */
export function filterIncidents(
  filter: Filter,
  wanted: IncidentFilter,
  { begin, end }: { readonly begin: string; readonly end: string },
): void {
  filter.equals('type', wanted.type);
  filter.equals('severity', wanted.severity);
  filter.equals('auth_code', wanted.authCode);
  filter.equals('acquirer', wanted.acquirer);
  filter.equals('merchant_id', wanted.merchantId?.normalize('NFC'));
  // The rule itself stands below; this is how the index of periods is found.
  if (wanted.from !== undefined && wanted.to !== undefined && wanted.from <= wanted.to)
    filter.add(`${periodOf(begin, end)} && int8range(?::bigint, ?::bigint, '[]')`, wanted.from, wanted.to);
  if (wanted.from !== undefined) filter.add(`(${end} is null or ${end} >= ?::bigint)`, wanted.from);
  if (wanted.to !== undefined) filter.add(`${begin} < ?::bigint`, wanted.to);
  if (wanted.backfill !== undefined) filter.add('backfill = ?', wanted.backfill);
}

/** What `anomaly_period` and `alert_period` index, to the letter. */
const periodOf = (begin: string, end: string): string =>
  `int8range(${begin}, case when ${end} < ${begin} then ${begin} else ${end} end, '[]')`;
