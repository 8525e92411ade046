import type { HeartbeatRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { OutRecord } from '../bus/bus.ts';
import type { RecordHeaders } from '../topic/record-headers.ts';
import { createJsonBytes } from './json-bytes.ts';
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

const json = createJsonBytes();

/** The `TransactionRecord` as the bus carries it, keyed by merchant (else by source). `ingestedAt`: epoch milliseconds. Written by
 *  hand: this runs for every record. */
export function encodeTransaction(content: ValidContent, stamp: RecordStamp, ingestedAt: number): OutRecord {
  json.raw('{"v":1,"kind":"transaction","id":');
  json.text(stamp.id);
  json.raw(stamp.clientId ? ',"client_id":true,"content_hash":"' : ',"client_id":false,"content_hash":"');
  json.raw(stamp.contentHash);
  json.raw('","occurred_at":');
  json.raw(String(content.occurred_at ?? ingestedAt));
  json.raw(',"ingested_at":');
  json.raw(String(ingestedAt));
  json.raw(',"status":"');
  json.raw(content.status);
  json.raw('","count":');
  json.raw(String(content.count));
  if (content.amount !== undefined) {
    json.raw(',"amount":');
    json.raw(String(content.amount));
  }
  text(',"currency":', content.currency);
  text(',"merchant_id":', content.merchant_id);
  text(',"auth_code":', content.auth_code);
  text(',"card_bin":', content.card_bin);
  text(',"acquirer":', content.acquirer);
  text(',"payment_method":', content.payment_method);
  text(',"customer_id":', content.customer_id);
  text(',"source":', stamp.source);
  json.raw(stamp.backfill ? ',"backfill":true}' : ',"backfill":false}');
  return { key: content.merchant_id ?? stamp.source, value: json.take(), headers: stamp.headers };
}

function text(name: string, value: string | undefined): void {
  if (value === undefined) return;
  json.raw(name);
  json.text(value);
}

/** A sign of life as the bus carries it. Pure. */
export function encodeHeartbeat(record: HeartbeatRecord, headers: RecordHeaders): OutRecord {
  return { key: record.source, value: Buffer.from(JSON.stringify(record)), headers };
}
