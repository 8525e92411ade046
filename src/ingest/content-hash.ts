import { hash } from 'node:crypto';

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
  const text =
    `${content.occurred_at ?? ''}\u001f${content.status}\u001f${content.count}\u001f${content.amount ?? ''}\u001f${content.currency ?? ''}` +
    `\u001f${content.merchant_id ?? ''}\u001f${content.auth_code ?? ''}\u001f${content.card_bin ?? ''}\u001f${content.acquirer ?? ''}` +
    `\u001f${content.payment_method ?? ''}\u001f${content.customer_id ?? ''}`;
  return hash('sha256', text, 'hex').slice(0, 16);
}
