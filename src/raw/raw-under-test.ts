import type { InboundRecord, TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { BusRecord } from '../bus/bus.ts';
import type { Database } from '../store/database.ts';
import type { Admitted, RawBatch, RawTransactions } from './raw-transactions.ts';

/** 2026-03-01T12:00:00Z. */
export const NOON = 1_772_366_400_000;

/** An engine for tests, with the log that it may read. */
export interface RawUnderTest {
  readonly database: Database;
  /** The engine as it is open now. */
  raw(): RawTransactions;
  /** Appends to a partition of the log; returns the records as its reader gets them. */
  publish(partition: number, records: readonly InboundRecord[]): Promise<readonly BusRecord[]>;
  /** Called with the offset up to which a partition is counted. */
  counted(partition: number, nextOffset: number): void;
  /** Opens the engine again. `how`: after a stop, or as if the program had been killed. */
  reopen(how: 'stopped' | 'killed'): Promise<void>;
  release(): Promise<void>;
}

/** A transaction with this id. */
export function transaction(id: string, fields: Partial<TransactionRecord> = {}): TransactionRecord {
  return {
    v: 1,
    kind: 'transaction',
    id,
    client_id: true,
    content_hash: '0123456789abcdef',
    occurred_at: NOON,
    ingested_at: NOON + 50,
    status: 'approved',
    count: 1,
    source: 'test',
    backfill: false,
    ...fields,
  };
}

/** Records of the log, decoded. */
export function batchOf(partition: number, sources: readonly BusRecord[]): RawBatch {
  const json = `[${sources.map(({ value }) => Buffer.from(value).toString()).join(',')}]`;
  const records = JSON.parse(json) as InboundRecord[];
  return { partition, records, sources, json: () => json, transactions: records.filter(({ kind }) => kind === 'transaction').length };
}

/** Admits records of the log in a transaction of their own, and commits. */
export async function admit(under: RawUnderTest, partition: number, sources: readonly BusRecord[]): Promise<Admitted> {
  const admitted = await under.database.transaction((tx) => under.raw().admit(tx, batchOf(partition, sources)));
  under.counted(partition, (sources.at(-1)?.offset ?? -1) + 1);
  return admitted;
}

/** The ids that a batch counts. */
export function idsOf({ records }: Pick<Admitted, 'records'>): string[] {
  return records.flatMap((record) => (record.kind === 'transaction' ? [record.id] : []));
}
