import { STATUSES, type Status } from '@transaction-guardian/contracts/transaction.ts';
import type { SliceCount } from '@transaction-guardian/contracts/window.ts';

/** Transactions that agree in everything that a minute is sliced by; '' where the records did not say. `card_bin`: 6 to 8
 *  digits. `amount`: their sum in `currency`. */
export interface SlicePart {
  readonly status: Status | '';
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
  readonly payment_method: string;
  readonly card_bin: string;
  readonly currency: string;
  readonly count: number;
  readonly amount: number;
}

/** Slices that a window carries: of each dimension, and of each pair of dimensions. */
const MOST_OF: Readonly<Record<string, number>> = { a: 64, b: 300, c: 64, m: 500, p: 32 };
const MOST_OF_PAIR = 120;
const BIN_DIGITS = 6;

interface Sum {
  readonly key: string;
  readonly counts: number[];
  amounts: Map<string, number> | null;
  total: number;
}

/** Sums parts to slices of one and two dimensions, the largest of each kind, in order of their keys. Empty when the parts name
 *  nothing but auth codes. A breakdown (status '') belongs to no slice: others count the same transactions. Deterministic. */
export function sliceCounts(parts: Iterable<SlicePart>): SliceCount[] {
  const kinds = new Map<string, Map<string, Sum>>();
  let isSliced = false;
  for (const part of parts) {
    if (part.status === '') continue;
    const dimensions = dimensionsOf(part);
    isSliced ||= dimensions.some((dimension) => !dimension.startsWith('c='));
    add(kinds, '', '', part, true);
    for (const [index, one] of dimensions.entries()) {
      add(kinds, one.charAt(0), one, part, true);
      for (const two of dimensions.slice(index + 1)) add(kinds, one.charAt(0) + two.charAt(0), `${one}\t${two}`, part, false);
    }
  }
  if (!isSliced) return [];
  const kept = [...kinds].flatMap(([kind, sums]) => largest([...sums.values()], kind.length < 2 ? (MOST_OF[kind] ?? 1) : MOST_OF_PAIR));
  return kept.sort((a, b) => (a.key < b.key ? -1 : 1)).map(toRow);
}

/** The dimensions that a part says something about, in order of their letters. The code of an approval says nothing. */
function dimensionsOf(part: SlicePart): string[] {
  const found: string[] = [];
  if (part.acquirer !== '') found.push(`a=${part.acquirer}`);
  if (part.card_bin !== '') found.push(`b=${part.card_bin.slice(0, BIN_DIGITS)}`);
  if (part.auth_code !== '' && part.status !== 'approved') found.push(`c=${part.auth_code}`);
  if (part.merchant_id !== '') found.push(`m=${part.merchant_id}`);
  if (part.payment_method !== '') found.push(`p=${part.payment_method}`);
  return found;
}

function add(kinds: Map<string, Map<string, Sum>>, kind: string, key: string, part: SlicePart, withAmount: boolean): void {
  let sums = kinds.get(kind);
  if (sums === undefined) kinds.set(kind, (sums = new Map()));
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = { key, counts: STATUSES.map(() => 0), amounts: null, total: 0 }));
  const place = STATUSES.indexOf(part.status as Status);
  sum.counts[place] = (sum.counts[place] ?? 0) + part.count;
  sum.total += part.count;
  if (!withAmount || part.status !== 'approved' || part.currency === '' || part.amount === 0) return;
  sum.amounts ??= new Map();
  sum.amounts.set(part.currency, (sum.amounts.get(part.currency) ?? 0) + part.amount);
}

function largest(sums: Sum[], most: number): Sum[] {
  if (sums.length <= most) return sums;
  return sums.sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1)).slice(0, most);
}

function toRow({ key, counts, amounts }: Sum): SliceCount {
  const length = counts.findLastIndex((count) => count > 0) + 1;
  if (amounts === null) return [key, counts.slice(0, length)];
  const sorted = [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return [key, counts.slice(0, length), sorted.flatMap(([currency, amount]) => [currency, Math.round(amount * 10_000) / 10_000])];
}

/** True for a value of the form of a `SliceCount`. */
export function isSliceCount(value: unknown): value is SliceCount {
  if (!Array.isArray(value) || typeof value[0] !== 'string' || !Array.isArray(value[1])) return false;
  const [, counts, amounts = []] = value as [string, unknown[], unknown];
  return counts.length <= STATUSES.length && counts.every((count) => Number.isSafeInteger(count)) && isAmounts(amounts);
}

function isAmounts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry, index) => (index % 2 === 0 ? typeof entry === 'string' : Number.isFinite(entry)));
}
