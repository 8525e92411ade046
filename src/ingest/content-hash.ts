import { hash } from 'node:crypto';
import { createByteWriter } from './byte-writer.ts';

const SEPARATOR = Uint8Array.of(0x1f);
const writer = createByteWriter();

/** What a client said about one transaction, after validation. `occurred_at`: epoch milliseconds, null when the client
 *  gave no timestamp, so that a retry a second later is still the same content. */
export interface TransactionContent {
  readonly occurred_at: number | null;
  readonly status: string;
  readonly count: number;
  readonly amount?: number | undefined;
  readonly currency?: string | undefined;
  readonly merchant_id?: string | undefined;
  readonly auth_code?: string | undefined;
  readonly card_bin?: string | undefined;
  readonly acquirer?: string | undefined;
  readonly payment_method?: string | undefined;
  readonly customer_id?: string | undefined;
}

/** Fingerprint of the content of a transaction: 16 hex characters. The id, the source and the time of arrival are not
 *  part of it; the order of fields and the spelling of an instant or a number do not matter. Pure. */
export function contentHash(content: TransactionContent): string {
  writer.begin();
  if (content.occurred_at !== null) writer.number(content.occurred_at);
  writer.bytes(SEPARATOR);
  writer.text(content.status);
  writer.bytes(SEPARATOR);
  writer.number(content.count);
  writer.bytes(SEPARATOR);
  if (content.amount !== undefined) writer.number(content.amount);
  writeText(content.currency);
  writeText(content.merchant_id);
  writeText(content.auth_code);
  writeText(content.card_bin);
  writeText(content.acquirer);
  writeText(content.payment_method);
  writeText(content.customer_id);
  const digest = hash('sha256', writer.toBytes(), 'hex');
  writer.forget();
  return digest.slice(0, 16);
}

function writeText(text: string | undefined): void {
  writer.bytes(SEPARATOR);
  if (text !== undefined) writer.text(text);
}
