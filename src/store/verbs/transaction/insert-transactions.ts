import type { TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { Sql } from '../../database.ts';

const TYPES = {
  id: 'text',
  occurred_at: 'bigint',
  ingested_at: 'bigint',
  status: 'text',
  count: 'bigint',
  amount: 'double precision',
  currency: 'text',
  merchant_id: 'text',
  auth_code: 'text',
  card_bin: 'text',
  acquirer: 'text',
  payment_method: 'text',
  customer_id: 'text',
  source: 'text',
  backfill: 'boolean',
  content_hash: 'text',
} as const;

const COLUMNS = Object.keys(TYPES).join(', ');
const COLUMN_TYPES = Object.entries(TYPES)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

// One JSON text is the fastest way in: the engine reads it once, and the records are JSON already.
const INSERT = `
  with added as (
    insert into transaction (${COLUMNS})
    select ${COLUMNS} from json_to_recordset($1::json) as record (kind text, ${COLUMN_TYPES}) where kind = 'transaction'
    on conflict (id) do nothing
    returning id
  )
  select count(*)::int as added, case when count(*) = $2 then null else json_agg(id) end as ids from added`;

/** Stores the transactions of a JSON array of inbound records, and passes over what is not a transaction. `count`: how many
 *  transactions the array holds. Returns which ids were new, 'all' when every one was. A known id changes nothing: of two
 *  records with one id in the array, the first is stored. Throws STORE_REFUSED when a record breaks a rule of the table. */
export async function insertTransactions(
  sql: Sql,
  args: { readonly json: string; readonly count: number },
): Promise<'all' | ReadonlySet<string>> {
  const [row] = await sql.query<{ added: number; ids: readonly string[] | null }>(INSERT, [args.json, args.count]);
  if (row?.added === args.count) return 'all';
  return new Set(row?.ids ?? []);
}

/** Stores transactions that are expected to be new, at half the cost. `rows`: lines of `transactionLine`, joined. Nothing of
 *  them is stored when one of them has a known id or breaks a rule: throws STORE_REFUSED. */
export async function copyTransactions(sql: Sql, rows: string): Promise<void> {
  await sql.copy(`transaction (${COLUMNS})`, rows);
}

const FIELDS = Object.keys(TYPES) as readonly (keyof typeof TYPES)[];
const SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A transaction as a line of COPY's text format. */
export function transactionLine(record: TransactionRecord): string {
  let line = '';
  for (const field of FIELDS) {
    const value = record[field];
    if (line !== '') line += '\t';
    if (value === undefined) line += '\\N';
    else line += typeof value === 'string' ? value.replace(SPECIAL, (special) => ESCAPES[special] ?? special) : String(value);
  }
  return `${line}\n`;
}
