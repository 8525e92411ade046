import type { HeartbeatRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { OutRecord } from '../bus/bus.ts';
import type { RecordHeaders } from '../topic/record-headers.ts';
import { createByteWriter } from './byte-writer.ts';
import type { ValidContent } from './validate.ts';

/** What we add to a valid transaction. */
export interface RecordStamp {
  readonly id: string;
  readonly clientId: boolean;
  readonly contentHash: string;
  readonly source: string;
  readonly backfill: boolean;
  readonly headers: RecordHeaders;
}

/** The `TransactionRecord` as the bus carries it, keyed by merchant (else by source). `ingestedAt`: epoch milliseconds. Pure.
 *  Written by hand: this runs for every record. The next stage reads this order of the fields fast (`src/window/read-transaction.ts`),
 *  and any other by `JSON.parse`. */
export function encodeTransaction(content: ValidContent, stamp: RecordStamp, ingestedAt: number): OutRecord {
  writer.begin();
  writer.bytes(NAMES.id);
  writer.jsonText(stamp.id);
  writer.bytes(stamp.clientId ? NAMES.ofClient : NAMES.ofOurs);
  writer.jsonText(stamp.contentHash);
  writer.bytes(NAMES.occurred_at);
  writer.number(content.occurred_at ?? ingestedAt);
  writer.bytes(NAMES.ingested_at);
  writer.number(ingestedAt);
  writer.bytes(NAMES.status);
  writer.jsonText(content.status);
  writer.bytes(NAMES.count);
  writer.number(content.count);
  if (content.amount !== undefined) {
    writer.bytes(NAMES.amount);
    writer.number(content.amount);
  }
  writeText(NAMES.currency, content.currency);
  writeText(NAMES.merchant_id, content.merchant_id);
  writeText(NAMES.auth_code, content.auth_code);
  writeText(NAMES.card_bin, content.card_bin);
  writeText(NAMES.acquirer, content.acquirer);
  writeText(NAMES.payment_method, content.payment_method);
  writeText(NAMES.customer_id, content.customer_id);
  writeText(NAMES.source, stamp.source);
  writer.bytes(stamp.backfill ? NAMES.backfill : NAMES.noBackfill);
  return { key: content.merchant_id ?? stamp.source, value: writer.toBytes(), headers: stamp.headers };
}

const writer = createByteWriter();
const named = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const QUOTE = named('"');
/** What is between the values. */
const NAMES = {
  id: named('{"v":1,"kind":"transaction","id":"'),
  ofClient: named('","client_id":true,"content_hash":"'),
  ofOurs: named('","client_id":false,"content_hash":"'),
  occurred_at: named('","occurred_at":'),
  ingested_at: named(',"ingested_at":'),
  status: named(',"status":"'),
  count: named('","count":'),
  amount: named(',"amount":'),
  currency: named(',"currency":"'),
  merchant_id: named(',"merchant_id":"'),
  auth_code: named(',"auth_code":"'),
  card_bin: named(',"card_bin":"'),
  acquirer: named(',"acquirer":"'),
  payment_method: named(',"payment_method":"'),
  customer_id: named(',"customer_id":"'),
  source: named(',"source":"'),
  backfill: named(',"backfill":true}'),
  noBackfill: named(',"backfill":false}'),
};

function writeText(name: Uint8Array, text: string | undefined): void {
  if (text === undefined) return;
  writer.bytes(name);
  writer.jsonText(text);
  writer.bytes(QUOTE);
}

/** A sign of life as the bus carries it. Pure. */
export function encodeHeartbeat(record: HeartbeatRecord, headers: RecordHeaders): OutRecord {
  return { key: record.source, value: Buffer.from(JSON.stringify(record)), headers };
}
