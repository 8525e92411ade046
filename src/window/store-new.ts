import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { Sql } from '../store/database.ts';
import { findKnownIds } from '../store/verbs/find-known-ids.ts';
import { insertTransactions } from '../store/verbs/insert-transactions.ts';
import type { Decoded, Undecodable } from './decode.ts';

/** What of a batch is to be counted: heartbeats and transactions with a new id, in their order. */
export interface News {
  readonly records: readonly InboundRecord[];
  /** Repeats with the same content: dropped. */
  readonly duplicates: number;
  /** Repeats of an id with another content: nobody may count them, and nobody may lose them. */
  readonly conflicts: readonly Undecodable[];
}

/** Stores the transactions of a batch and tells the new ones from repeats, of earlier batches and of the same one. */
export async function storeNew(tx: Sql, decoded: Decoded): Promise<News> {
  const { records, transactions } = decoded;
  if (transactions === 0) return { records, duplicates: 0, conflicts: [] };
  const added = await insertTransactions(tx, { json: decoded.json, count: transactions });
  if (added === 'all') return { records, duplicates: 0, conflicts: [] };
  return tellApart(tx, decoded, new Set(added));
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
