import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import { isGuardianError } from '../errors.ts';
import type { Sql } from '../store/database.ts';
import { findKnownIds } from '../store/verbs/transaction/find-known-ids.ts';
import { copyTransactions, insertTransactions, transactionLine } from '../store/verbs/transaction/insert-transactions.ts';
import type { Decoded, Undecodable } from './decode.ts';

/** What of a batch is to be counted: heartbeats and transactions with a new id, in their order. */
export interface News {
  readonly records: readonly InboundRecord[];
  /** Repeats with the same content: dropped. */
  readonly duplicates: number;
  /** Repeats of an id with another content: nobody may count them, and nobody may lose them. */
  readonly conflicts: readonly Undecodable[];
}

/** Whether batches have held known ids lately. */
export interface RepeatWatch {
  /** Batches until a batch is believed to be all new again. */
  wary: number;
}

/** Copying pays from here on; after a repeat so many batches are not tried, since sources that repeat do it often. */
const COPY_FROM = 500;
const WARY_BATCHES = 50;

/** Stores the transactions of a batch and tells the new ones from repeats, of earlier batches and of the same one. */
export async function storeNew(tx: Sql, decoded: Decoded, watch: RepeatWatch): Promise<News> {
  const { records, transactions } = decoded;
  if (transactions === 0) return { records, duplicates: 0, conflicts: [] };
  if (transactions >= COPY_FROM && watch.wary === 0 && (await copyAll(tx, records))) return { records, duplicates: 0, conflicts: [] };
  watch.wary = Math.max(0, watch.wary - 1);
  const added = await insertTransactions(tx, { json: decoded.json, count: transactions });
  if (added === 'all') return { records, duplicates: 0, conflicts: [] };
  watch.wary = WARY_BATCHES;
  return tellApart(tx, decoded, new Set(added));
}

/** True when every transaction was new and could be copied; false when nothing has happened. */
async function copyAll(tx: Sql, records: readonly InboundRecord[]): Promise<boolean> {
  let rows = '';
  for (const record of records) if (record.kind === 'transaction') rows += transactionLine(record);
  // What cannot be written in UTF-8 would be changed on its way; the other way refuses it.
  if (!rows.isWellFormed()) return false;
  await tx.exec('savepoint copied');
  try {
    await copyTransactions(tx, rows);
    await tx.exec('release savepoint copied');
    return true;
  } catch (error) {
    if (!isGuardianError(error, 'STORE_REFUSED')) throw error;
    await tx.exec('rollback to savepoint copied');
    return false;
  }
}

async function tellApart(tx: Sql, decoded: Decoded, fresh: Set<string>): Promise<News> {
  const kept: InboundRecord[] = [];
  const repeats: { readonly id: string; readonly hash: string; readonly index: number }[] = [];
  for (const [index, record] of decoded.records.entries()) {
    // The first record with a new id is the one that was stored.
    if (record.kind === 'heartbeat' || fresh.delete(record.id)) kept.push(record);
    else repeats.push({ id: record.id, hash: record.content_hash, index });
  }
  const stored = await findKnownIds(
    tx,
    repeats.map(({ id }) => id),
  );
  const conflicts: Undecodable[] = [];
  for (const { id, hash, index } of repeats) {
    const record = decoded.sources[index];
    if (record !== undefined && stored.get(id) !== hash) conflicts.push({ record, reason: 'id: was already used with other content' });
  }
  return { records: kept, duplicates: repeats.length - conflicts.length, conflicts };
}
