import type { HeartbeatRecord, TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { OutRecord } from '../bus/bus.ts';
import type { ValidContent } from './validate.ts';

/** What we add to a valid transaction. */
export interface Stamp {
  readonly id: string;
  readonly clientId: boolean;
  readonly contentHash: string;
  /** Epoch milliseconds, our clock. */
  readonly ingestedAt: number;
  readonly source: string;
  readonly backfill: boolean;
}

/** The record as the bus carries it, keyed by merchant (else by source). Pure. */
export function encodeTransaction(content: ValidContent, stamp: Stamp): OutRecord {
  const record: { [Key in keyof TransactionRecord]: TransactionRecord[Key] | undefined } = {
    v: 1,
    kind: 'transaction',
    id: stamp.id,
    client_id: stamp.clientId,
    content_hash: stamp.contentHash,
    occurred_at: content.occurred_at ?? stamp.ingestedAt,
    ingested_at: stamp.ingestedAt,
    status: content.status,
    count: content.count,
    amount: content.amount,
    currency: content.currency,
    merchant_id: content.merchant_id,
    auth_code: content.auth_code,
    card_bin: content.card_bin,
    acquirer: content.acquirer,
    payment_method: content.payment_method,
    customer_id: content.customer_id,
    source: stamp.source,
    backfill: stamp.backfill,
  };
  return { key: content.merchant_id ?? stamp.source, value: Buffer.from(JSON.stringify(record)) };
}

/** A sign of life as the bus carries it. Pure. */
export function encodeHeartbeat(record: HeartbeatRecord): OutRecord {
  return { key: record.source, value: Buffer.from(JSON.stringify(record)) };
}
