import { CANARY_MERCHANT } from '@transaction-guardian/contracts/canary.ts';
import type { InboundRecord } from '@transaction-guardian/contracts/transaction.ts';
import type { Decoded } from './decode.ts';

/** A batch without the program's own test transactions, and when those were accepted (epoch milliseconds). Pure. */
export function splitCanaries(decoded: Decoded): { readonly decoded: Decoded; readonly canaries: readonly number[] } {
  const canaries = decoded.records.filter(isCanary).map(({ ingested_at }) => ingested_at);
  if (canaries.length === 0) return { decoded, canaries };
  const kept = decoded.records.flatMap((record, at) => (isCanary(record) ? [] : [at]));
  const records = kept.flatMap((at) => decoded.records[at] ?? []);
  const sources = kept.flatMap((at) => decoded.sources[at] ?? []);
  const json = (): string => `[${sources.map(({ value }) => Buffer.from(value).toString('utf8')).join(',')}]`;
  return { decoded: { ...decoded, records, sources, json, transactions: decoded.transactions - canaries.length }, canaries };
}

const isCanary = (record: InboundRecord): boolean => record.kind === 'transaction' && record.merchant_id === CANARY_MERCHANT;
