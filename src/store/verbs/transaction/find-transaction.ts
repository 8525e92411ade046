import type { Status } from '@transaction-guardian/contracts/status.ts';
import type { Sql } from '../../database.ts';

/** A transaction as it was counted. Times are epoch milliseconds; null where the client did not say. */
export interface StoredTransaction {
  readonly id: string;
  readonly occurred_at: number;
  readonly ingested_at: number;
  readonly status: Status | '';
  readonly count: number;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly merchant_id: string | null;
  readonly auth_code: string | null;
  readonly card_bin: string | null;
  readonly acquirer: string | null;
  readonly payment_method: string | null;
  readonly customer_id: string | null;
  readonly source: string;
  readonly backfill: boolean;
  readonly content_hash: string;
}

// Two statements: with the moment given, the server plans for the table of one day, and for no other. What an earlier version stored has no key
// and an index of its own.
const ARRIVAL = 'select ingested_at from transaction_key where id = $1';
const KEPT = 'select * from transaction where id = $1 and ingested_at = $2 limit 1';
const BEFORE = 'select * from transaction_before where id = $1';

/** The transaction with this id, null when none was counted or its retention has passed. */
export async function findTransaction(sql: Sql, id: string): Promise<StoredTransaction | null> {
  const [key] = await sql.query<{ ingested_at: number }>(ARRIVAL, [id]);
  const [row] = key === undefined ? [] : await sql.query<StoredTransaction>(KEPT, [id, key.ingested_at]);
  if (row !== undefined) return row;
  const [before] = await sql.query<StoredTransaction>(BEFORE, [id]);
  return before ?? null;
}
