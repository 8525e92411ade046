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

/** The transaction with this id, null when none was counted or its retention has passed. */
export async function findTransaction(sql: Sql, id: string): Promise<StoredTransaction | null> {
  const [row] = await sql.query<StoredTransaction>('select * from transaction where id = $1', [id]);
  return row ?? null;
}
