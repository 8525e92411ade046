import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { BusRecord } from '../bus/bus.ts';
import type { Sql } from '../store/database.ts';
import type { StoredTransaction } from '../store/verbs/transaction/find-transaction.ts';

/** Records of one partition of the log, in offset order and decoded: `records[i]` came as `sources[i]`. `json`: makes the
 *  text of one array of all of them. `transactions`: how many of them are no heartbeats. */
export interface RawBatch {
  readonly partition: number;
  readonly records: readonly InboundRecord[];
  readonly sources: readonly BusRecord[];
  readonly json: () => string;
  readonly transactions: number;
}

/** What of a batch is to be counted. */
export interface Admitted {
  /** Heartbeats, and transactions whose id is new, in their order. */
  readonly records: readonly InboundRecord[];
  /** Repeats with the same content. Nobody counts them. */
  readonly duplicates: number;
  /** Repeats of an id with other content. They belong into the dead letters. */
  readonly conflicts: readonly BusRecord[];
}

/** What is known of an id. `expired`: it is older than what is kept, or what is kept of it can no longer be read. */
export type FoundTransaction =
  | { readonly kind: 'kept'; readonly transaction: StoredTransaction }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

/** Questions about single transactions. All throw STORE_UNAVAILABLE (retryable). */
export interface RawReader {
  /** The transaction that was first accepted with this id. */
  find(id: string): Promise<FoundTransaction>;
  /** Which of the ids are known, with the content hash of each. Order and repeats in `ids` do not matter. */
  known(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Keeps single transactions: distinguishes new ones from repeats, and finds them again by id. Engines: `rows` in the database, and `log-index`,
 *  an index over the embedded log, which has them already. */
export interface RawTransactions extends RawReader {
  /** Keeps the new transactions of a batch. Call it inside the transaction that counts them and commits the offset. A batch that did
   *  not commit, or whose commit the database has lost, comes again and gives the same answer. Of records with one id, the
   *  first is new. Throws STORE_REFUSED when the data break a rule of the engine, STORE_UNAVAILABLE. */
  admit(tx: Sql, batch: RawBatch): Promise<Admitted>;
  /** Forgets a record that was admitted and will never be counted, inside the transaction that puts it into the dead letters: its id
   *  may be used again. */
  giveUp(tx: Sql, partition: number, record: BusRecord): Promise<void>;
  /** Makes what is in memory durable and closes. */
  close(): Promise<void>;
}
