import type { TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { GuardianError } from '../../../errors.ts';
import type { Sql } from '../../database.ts';
import { copyLines } from '../copy-lines.ts';

const FIELDS = [
  'id',
  'occurred_at',
  'ingested_at',
  'status',
  'count',
  'amount',
  'currency',
  'merchant_id',
  'auth_code',
  'card_bin',
  'acquirer',
  'payment_method',
  'customer_id',
  'source',
  'backfill',
  'content_hash',
] as const satisfies readonly (keyof TransactionRecord)[];
const KEY_FIELDS = ['id', 'ingested_at', 'content_hash'] as const satisfies readonly (keyof TransactionRecord)[];

/** Stores transactions that are expected to be new, with their keys, inside a transaction. Nothing of them is stored when one of them has a
 *  known id or breaks a rule: throws STORE_REFUSED. */
export async function copyTransactions(tx: Sql, records: readonly TransactionRecord[]): Promise<void> {
  await tx.copy(`transaction_key (${KEY_FIELDS.join(', ')})`, linesOf(records, KEY_FIELDS));
  await copyRows(tx, records);
}

/** Stores the rows of transactions whose keys the same database transaction has written. Throws STORE_REFUSED. */
export async function copyRows(tx: Sql, records: readonly TransactionRecord[]): Promise<void> {
  if (records.length > 0) await tx.copy(`transaction (${FIELDS.join(', ')})`, linesOf(records, FIELDS));
}

// One JSON text is the fastest way in: the engine reads it once, and the records are JSON already.
const INSERT_KEYS = `
  with added as (
    insert into transaction_key (id, ingested_at, content_hash)
    select id, ingested_at, content_hash
    from json_to_recordset($1::json) as record (kind text, id text, ingested_at bigint, content_hash text)
    where kind = 'transaction' and id <> all($3::text[])
    on conflict (id) do nothing
    returning id
  )
  select count(*)::int as added, case when count(*) = $2 then null else json_agg(id) end as ids from added`;

/** Writes the keys of the transactions of a JSON array of inbound records, and passes over what is not a transaction. `count`: how many
 *  transactions the array holds; `except`: ids that have no key and are known all the same. Returns which ids were new, 'all' when every one
 *  was. A known id changes nothing: of two records with one id in the array, the first is new. Throws STORE_REFUSED when a record breaks a
 *  rule of the table. */
export async function insertKeys(
  sql: Sql,
  args: { readonly json: string; readonly count: number; readonly except: readonly string[] },
): Promise<'all' | ReadonlySet<string>> {
  const [row] = await sql.query<{ added: number; ids: readonly string[] | null }>(INSERT_KEYS, [args.json, args.count, args.except]);
  if (row?.added === args.count) return 'all';
  return new Set(row?.ids ?? []);
}

/** Lines of COPY's text format. Throws STORE_REFUSED for half of a character. */
function linesOf(records: readonly TransactionRecord[], fields: readonly (keyof TransactionRecord)[]): string {
  const lines = copyLines(records, fields);
  // What cannot be written in UTF-8 would be changed on its way.
  if (!lines.isWellFormed())
    throw new GuardianError('STORE_REFUSED', 'A transaction has half of a character: it cannot be written in UTF-8.');
  return lines;
}
