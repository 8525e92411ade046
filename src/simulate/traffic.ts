import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import type { Company, Merchant } from './company.ts';
import type { Random } from './random.ts';
import { MINUTE_MS } from '../clock.ts';

/** What makes the traffic of a company, in either form. */
export interface TrafficSource {
  readonly company: Company;
  readonly seed: string;
  readonly lateShare: number;
  readonly duplicateShare: number;
  readonly retryShare: number;
  /** Transactions that are expected of a merchant in a minute, at a level of demand. */
  readonly rate: (merchant: Merchant, minute: number, level: number) => number;
  /** Level of demand of the next minute. */
  readonly drift: () => number;
}

/** Index into cumulative shares for a uniform number in [0, 1). */
export function pick(cumulative: readonly number[], u: number): number {
  const last = cumulative.length - 1;
  for (let i = 0; i < last; i++) if (u < (cumulative[i] ?? 1)) return i;
  return last;
}

export function cumulate(shares: readonly number[]): readonly number[] {
  let sum = 0;
  return shares.map((share) => (sum += share));
}

/** Acquirer of a transaction: the merchant's own, or the next one for the rest. */
export function acquirerOf(merchant: Merchant, company: Company, u: number): number {
  return u < merchant.acquirerShare ? merchant.acquirer : (merchant.acquirer + 1) % company.acquirers.length;
}

/** `2026-11-22T03:14:` of a minute. */
export function minutePrefix(minute: number): string {
  return new Date(minute).toISOString().slice(0, 17);
}

/** Says that the source is alive although it has nothing to send. */
export function aliveRow(source: TrafficSource, minute: number): Transaction {
  const merchant_id = source.company.merchants[0]?.id ?? 'm-0001';
  return { id: `${idPrefix(source, minute)}alive`, timestamp: `${minutePrefix(minute)}00.000Z`, status: 'approved', count: 0, merchant_id };
}

/** Start of the ids of one minute: unique for the seed. */
export function idPrefix(source: TrafficSource, minute: number): string {
  return `sim-${source.seed}-${(minute / MINUTE_MS).toString(36)}-`;
}

/** Rows that arrive later than their time. */
export interface Postponed {
  /** Keeps a row back for one to five minutes. */
  postpone(row: Transaction, minute: number): void;
  /** The rows that arrive in a minute. */
  due(minute: number): readonly Transaction[];
}

export function createPostponed(random: Random): Postponed {
  const rows = new Map<number, Transaction[]>();
  return {
    postpone: (row, minute) => {
      const at = minute + (1 + random.below(5)) * MINUTE_MS;
      const list = rows.get(at);
      if (list === undefined) rows.set(at, [row]);
      else list.push(row);
    },
    due: (minute) => {
      const list = rows.get(minute) ?? [];
      rows.delete(minute);
      return list;
    },
  };
}
