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

// The key says in which moment to look; what an earlier version stored has its own index.
const SELECT = `
  select * from transaction where id = $1 and ingested_at = (select ingested_at from transaction_key where id = $1)
  union all select * from transaction_before where id = $1 limit 1`;

/** The transaction with this id, null when none was counted or its retention has passed. */
export async function findTransaction(sql: Sql, id: string): Promise<StoredTransaction | null> {
  const [row] = await sql.query<StoredTransaction>(SELECT, [id]);
  return row ?? null;
}
