import { GuardianError } from '../../errors.ts';
import { CURSOR_PATTERN } from '@transaction-guardian/contracts/pattern.ts';
import type { Sql } from '../database.ts';
import type { Filter } from './filter.ts';

/** Which page of a list: at most `limit` items (1..1 000, default 100) after the place that `cursor` names. */
export interface PageRequest {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Items, newest first, and the cursor of the next page; null on the last one. Items that come in between move nothing. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

const MAX_LIMIT = 1000;
const CURSOR = new RegExp(CURSOR_PATTERN);

/** Most items of a page, within 1..1 000. */
function pageLimit(page: PageRequest): number {
  return Math.min(MAX_LIMIT, Math.max(1, Math.trunc(page.limit ?? 100)));
}

/** Text of a place in a list that is sorted by time (epoch milliseconds) and then by a text key, both descending. */
function encodeCursor(timeMs: number, key: string): string {
  return `${timeMs}.${Buffer.from(key).toString('base64url')}`;
}

/** Reads a cursor. Throws INGEST_INVALID, naming the field `cursor`. */
export function decodeCursor(cursor: string): { timeMs: number; key: string } {
  const match = CURSOR.exec(cursor);
  const key = Buffer.from(match?.[2] ?? '', 'base64url').toString('utf8');
  if (match === null || key.includes('\0')) {
    const message = 'cursor must be the `next` of an earlier page';
    throw new GuardianError('INGEST_INVALID', message, { data: { errors: [{ field: 'cursor', rule: 'cursor', message }] } });
  }
  return { timeMs: Number(match[1]), key };
}

/** A list that is sorted by `time` (epoch milliseconds, or a number that grows) and then by `key`, both descending.
 *  `item` makes what is listed of a row, which must have `time` and `key`. */
export interface PagedTable<Row, Item> {
  readonly table: string;
  readonly columns: string;
  readonly time: string;
  readonly key: string;
  readonly item: (row: Row) => Item;
}

/** Reads one page of a list. Throws INGEST_INVALID for an invalid cursor. */
export async function readPage<Row, Item>(
  sql: Sql,
  { table, columns, time, key, item }: PagedTable<Row, Item>,
  filter: Filter,
  page: PageRequest,
): Promise<Page<Item>> {
  afterCursor(filter, page, { time, key });
  const limit = pageLimit(page);
  const rows = await sql.query<Row & Record<string, unknown>>(
    `select ${columns} from ${table} ${filter.clause()} order by ${time} desc, ${key} desc limit ${limit + 1}`,
    filter.params,
  );
  return toPage(rows, limit, item, (row) => encodeCursor(Number(row[time]), String(row[key])));
}

/** Restricts a list that is sorted by `time` and then by `key`, both descending, to what comes after the cursor. */
function afterCursor(filter: Filter, page: PageRequest, columns: { readonly time: string; readonly key: string }): void {
  if (page.cursor === undefined) return;
  const { timeMs, key } = decodeCursor(page.cursor);
  filter.add(`(${columns.time}, ${columns.key}) < (?::bigint, ?::text)`, timeMs, key);
}

/** Cuts `limit + 1` rows down to a page. */
function toPage<Row, Item>(rows: readonly Row[], limit: number, item: (row: Row) => Item, place: (row: Row) => string): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(item), next: rows.length > limit && last !== undefined ? place(last) : null };
}
