import type { HeartbeatRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { OutRecord } from '../bus/bus.ts';
import type { RecordHeaders } from '../topic/record-headers.ts';
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
 *  Written by hand: this runs for every record, and is about twice as fast as `JSON.stringify` of an object. */
export function encodeTransaction(content: ValidContent, stamp: RecordStamp, ingestedAt: number): OutRecord {
  let text =
    `{"v":1,"kind":"transaction","id":${quote(stamp.id)},"client_id":${stamp.clientId},"content_hash":"${stamp.contentHash}"` +
    `,"occurred_at":${content.occurred_at ?? ingestedAt},"ingested_at":${ingestedAt},"status":"${content.status}","count":${content.count}`;
  if (content.amount !== undefined) text += `,"amount":${content.amount}`;
  if (content.currency !== undefined) text += `,"currency":"${content.currency}"`;
  if (content.merchant_id !== undefined) text += `,"merchant_id":${quote(content.merchant_id)}`;
  if (content.auth_code !== undefined) text += `,"auth_code":"${content.auth_code}"`;
  if (content.card_bin !== undefined) text += `,"card_bin":"${content.card_bin}"`;
  if (content.acquirer !== undefined) text += `,"acquirer":${quote(content.acquirer)}`;
  if (content.payment_method !== undefined) text += `,"payment_method":${quote(content.payment_method)}`;
  if (content.customer_id !== undefined) text += `,"customer_id":${quote(content.customer_id)}`;
  text += `,"source":${quote(stamp.source)},"backfill":${stamp.backfill}}`;
  return { key: content.merchant_id ?? stamp.source, value: Buffer.from(text), headers: stamp.headers };
}

const NEEDS_ESCAPE = /["\\]|[^ -\ud7ff\ue000-\uffff]/;

/** A JSON string. */
function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A sign of life as the bus carries it. Pure. */
export function encodeHeartbeat(record: HeartbeatRecord, headers: RecordHeaders): OutRecord {
  return { key: record.source, value: Buffer.from(JSON.stringify(record)), headers };
}
