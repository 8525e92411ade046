import type { InboundRecord, TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Sql } from '../../store/database.ts';
import { findTransaction, type StoredTransaction } from '../../store/verbs/transaction/find-transaction.ts';
import type { FoundTransaction } from '../raw-transactions.ts';
import { createEntry, offsetAt, partitionAt, STATE, stateAt, writeKey } from './entry.ts';
import type { Horizon, IdIndex } from './id-index.ts';
import { madeAt } from './made-at.ts';
import type { IndexedLog } from './indexed-log.ts';

/** Finds a transaction by its id: on the log, or among the rows that an earlier version kept. */
export async function findById(
  { index, log, database }: { readonly index: IdIndex; readonly log: IndexedLog; readonly database: Sql },
  id: string,
  horizon: Horizon,
): Promise<FoundTransaction> {
  const entry = createEntry();
  writeKey(entry, id);
  const isKnown = index.findAny(entry, entry) && stateAt(entry) !== STATE.forgotten;
  const record = isKnown && stateAt(entry) !== STATE.detached ? readRecord(log, partitionAt(entry), offsetAt(entry)) : undefined;
  if (record?.id === id) return { kind: 'kept', transaction: stored(record) };
  const row = await findTransaction(database, id);
  if (row !== null) return { kind: 'kept', transaction: row };
  return { kind: isKnown || isOlder(log, id, horizon) ? 'expired' : 'unknown' };
}

function readRecord(log: IndexedLog, partition: number, offset: number): TransactionRecord | undefined {
  const source = log.readAt(TOPICS.transactions, partition, offset);
  const record = source === undefined ? undefined : (JSON.parse(Buffer.from(source.value).toString()) as InboundRecord);
  return record?.kind === 'transaction' ? record : undefined;
}

/** True for an id of our own that is from before all that is kept. */
function isOlder(log: IndexedLog, id: string, { earliest }: Horizon): boolean {
  const made = madeAt(id);
  if (made === undefined) return false;
  const kept = [...earliest].flatMap(([partition, offset]) => log.readAt(TOPICS.transactions, partition, offset)?.publishedAt ?? []);
  return kept.length > 0 && made < Math.min(...kept);
}

/** A record of the log as rows are shown. */
function stored(record: TransactionRecord): StoredTransaction {
  const { id, occurred_at, ingested_at, status, count, source, backfill, content_hash } = record;
  const or = <T>(value: T | undefined): T | null => value ?? null;
  return {
    ...{ id, occurred_at, ingested_at, status, count },
    ...{ amount: or(record.amount), currency: or(record.currency), merchant_id: or(record.merchant_id) },
    ...{ auth_code: or(record.auth_code), card_bin: or(record.card_bin), acquirer: or(record.acquirer) },
    ...{ payment_method: or(record.payment_method), customer_id: or(record.customer_id) },
    ...{ source, backfill, content_hash },
  };
}
