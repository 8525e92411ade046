import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { BusRecord } from '../../bus/bus.ts';
import type { Sql } from '../../store/database.ts';
import { tryCopy } from '../../store/verbs/copy-lines.ts';
import { findIdsBefore, findKnownIds, hasIdsBefore } from '../../store/verbs/transaction/find-known-ids.ts';
import { findTransaction } from '../../store/verbs/transaction/find-transaction.ts';
import { copyRows, copyTransactions, insertKeys } from '../../store/verbs/transaction/insert-transactions.ts';
import type { Admitted, RawBatch, RawReader, RawTransactions } from '../raw-transactions.ts';

/** Copying pays from here on; after a repeat so many batches are not tried, since sources that repeat do it often. */
const COPY_FROM = 500;
const WARY_BATCHES = 50;

/** Answers from the rows of the database. */
export function readRows(sql: Sql): RawReader {
  return {
    async find(id) {
      const transaction = await findTransaction(sql, id);
      return transaction === null ? { kind: 'unknown' } : { kind: 'kept', transaction };
    },
    known: (ids) => findKnownIds(sql, ids),
  };
}

/** Keeps raw transactions as rows, which commit with their counts. */
export function createRawRows(sql: Sql): RawTransactions {
  /** Batches until a batch is believed to be all new again. */
  let wary = 0;
  /** Rows of before there were keys only ever get fewer. */
  let hasBefore = true;

  async function admit(tx: Sql, batch: RawBatch): Promise<Admitted> {
    const { records, transactions } = batch;
    const all: Admitted = { records, duplicates: 0, conflicts: [] };
    if (transactions === 0) return all;
    const own = records.filter((record) => record.kind === 'transaction');
    hasBefore = hasBefore && (await hasIdsBefore(tx));
    const ids = own.map(({ id }) => id);
    const before = hasBefore ? await findIdsBefore(tx, ids) : [];
    if (before.length === 0 && transactions >= COPY_FROM && wary === 0 && (await tryCopy(tx, () => copyTransactions(tx, own)))) return all;
    wary = Math.max(0, wary - 1);
    const added = await insertKeys(tx, { json: batch.json(), count: transactions, except: before });
    if (added !== 'all') wary = WARY_BATCHES;
    const admitted = added === 'all' ? all : await distinguish(tx, batch, new Set(added));
    await copyRows(
      tx,
      admitted.records.filter((record) => record.kind === 'transaction'),
    );
    return admitted;
  }

  return { ...readRows(sql), admit, giveUp: async () => undefined, close: async () => undefined };
}

async function distinguish(tx: Sql, { records, sources }: RawBatch, fresh: Set<string>): Promise<Admitted> {
  const kept: InboundRecord[] = [];
  const repeats: { readonly id: string; readonly hash: string; readonly index: number }[] = [];
  for (const [index, record] of records.entries()) {
    // The first record with a new id is the one that was stored.
    if (record.kind === 'heartbeat' || fresh.delete(record.id)) kept.push(record);
    else repeats.push({ id: record.id, hash: record.content_hash, index });
  }
  const stored = await findKnownIds(
    tx,
    repeats.map(({ id }) => id),
  );
  const conflicts: BusRecord[] = [];
  for (const { id, hash, index } of repeats) {
    const source = sources[index];
    if (source !== undefined && stored.get(id) !== hash) conflicts.push(source);
  }
  return { records: kept, duplicates: repeats.length - conflicts.length, conflicts };
}
