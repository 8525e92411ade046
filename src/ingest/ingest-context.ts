import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { RecordHeaders } from '../topic/record-headers.ts';

/** What is known about a delivery besides the item itself. */
export interface IngestContext {
  /** Who delivers: 'http', 'csv', 'simulator' or the client's own name. */
  readonly source: string;
  /** Language of the messages of refusals. */
  readonly locale: Locale;
  /** Backfill: counted and scored, without notifications. */
  readonly backfill?: boolean;
  /** Of a heartbeat: the sender could not send all of its minute. */
  readonly incomplete?: boolean;
  /** Id for an item that has none (the `Idempotency-Key` of a single post). */
  readonly idempotencyKey?: string;
  /** Headers of the records of this delivery; one object for all of them. Default: those of JSON, of no trace. */
  readonly headers?: RecordHeaders;
  /** The program's own test transaction: the only one that may name its merchant. */
  readonly canary?: boolean;
  /** Rows that count by auth code and have no status are right. */
  readonly breakdown?: boolean;
}
