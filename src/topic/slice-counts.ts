import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
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

/** Dimensions in order of their letters, and how many slices of each a window carries. */
const DIMENSIONS = [
  { letter: 'a', most: 64 },
  { letter: 'b', most: 300 },
  { letter: 'c', most: 64 },
  { letter: 'm', most: 500 },
  { letter: 'p', most: 32 },
] as const;
const CODES = 2;
/** Pairs are looked for among so many of the largest slices of each dimension, and so many are carried of each two. */
const PAIRED = 120;
const MOST_OF_PAIR = 120;
const BIN_DIGITS = 6;

interface Sum {
  readonly key: string;
  readonly counts: number[];
  readonly amounts: Map<string, number>;
  total: number;
  /** Place among the slices that are paired, or -1. */
  place: number;
}

/** Sums parts to slices of one and two dimensions, the largest of each kind, in order of their keys. Empty when the parts name
 *  nothing but auth codes. A breakdown (status '') belongs to no slice: others count the same transactions. Deterministic. */
export function sliceCounts(parts: Iterable<SlicePart>): SliceCount[] {
  const counted = [...parts].filter(({ status }) => status !== '');
  const all = newSum('');
  const singles = DIMENSIONS.map(() => new Map<string, Sum>());
  for (const part of counted) {
    add(all, part, true);
    for (let dimension = 0; dimension < DIMENSIONS.length; dimension++) {
      const value = valueOf(part, dimension);
      if (value === '') continue;
      const sums = singles[dimension] as Map<string, Sum>;
      let sum = sums.get(value);
      if (sum === undefined) sums.set(value, (sum = newSum(`${DIMENSIONS[dimension]?.letter ?? ''}=${value}`)));
      add(sum, part, true);
    }
  }
  if (singles.every((sums, dimension) => dimension === CODES || sums.size === 0)) return [];
  const kept = singles.map((sums, dimension) => largest([...sums.values()], DIMENSIONS[dimension]?.most ?? 0));
  for (const sums of kept) for (const [place, sum] of sums.slice(0, PAIRED).entries()) sum.place = place;
  const rows = [all, ...kept.flat(), ...pairsOf(counted, singles)].filter(({ total }) => total > 0);
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1)).map(toRow);
}

/** The largest pairs of the slices that have a place, of each two dimensions. */
function pairsOf(parts: readonly SlicePart[], singles: readonly ReadonlyMap<string, Sum>[]): Sum[] {
  const pairs = DIMENSIONS.flatMap((_, one) =>
    DIMENSIONS.slice(one + 1).map((__, next) => ({ one, two: one + 1 + next, sums: new Map<number, Sum>() })),
  );
  const own: (Sum | undefined)[] = [];
  for (const part of parts) {
    for (let dimension = 0; dimension < DIMENSIONS.length; dimension++) own[dimension] = singles[dimension]?.get(valueOf(part, dimension));
    for (const { one, two, sums } of pairs) {
      const first = own[one];
      const second = own[two];
      if (first === undefined || second === undefined || first.place < 0 || second.place < 0) continue;
      const key = first.place * PAIRED + second.place;
      let sum = sums.get(key);
      if (sum === undefined) sums.set(key, (sum = newSum(`${first.key}\t${second.key}`)));
      add(sum, part, false);
    }
  }
  return pairs.flatMap(({ sums }) => largest([...sums.values()], MOST_OF_PAIR));
}

/** What a part says about a dimension, '' for nothing. The code of an approval says nothing. */
function valueOf(part: SlicePart, dimension: number): string {
  switch (dimension) {
    case 0:
      return part.acquirer;
    case 1:
      return part.card_bin.slice(0, BIN_DIGITS);
    case CODES:
      return part.status === 'approved' ? '' : part.auth_code;
    case 3:
      return part.merchant_id;
    default:
      return part.payment_method;
  }
}

const newSum = (key: string): Sum => ({ key, counts: STATUSES.map(() => 0), amounts: new Map(), total: 0, place: -1 });

function add(sum: Sum, { status, count, currency, amount }: SlicePart, withAmount: boolean): void {
  const place = STATUSES.indexOf(status as Status);
  sum.counts[place] = (sum.counts[place] ?? 0) + count;
  sum.total += count;
  if (!withAmount || status !== 'approved' || currency === '' || amount === 0) return;
  sum.amounts.set(currency, (sum.amounts.get(currency) ?? 0) + amount);
}

/** Kinds of slices by the letters of their keys: one dimension, then two. Their places are the bits of `cutKinds`. */
const KINDS = [
  ...DIMENSIONS.map(({ letter }) => letter),
  ...DIMENSIONS.flatMap(({ letter }, one) => DIMENSIONS.slice(one + 1).map(({ letter: other }) => letter + other)),
];
const KIND_BITS = new Map<string, number>(KINDS.map((kind, place) => [kind, 1 << place]));

/** Bit of the kind of a slice by its dimensions, in the order of the key; 0 for everything. */
export const kindBit = (dimensions: readonly string[]): number =>
  KIND_BITS.get(dimensions.map((dimension) => dimension.charAt(0)).join('')) ?? 0;

/** Kinds of slices of which a window may carry only the largest, as bits: of these one that is not there may have counts. */
export function cutKinds(rows: readonly SliceCount[]): number {
  const counts = KINDS.map(() => 0);
  for (const [key] of rows) {
    const bit = kindBit(key === '' ? [] : key.split('\t'));
    if (bit > 0) counts[31 - Math.clz32(bit)] = (counts[31 - Math.clz32(bit)] ?? 0) + 1;
  }
  const isCut = (kind: string, place: number): boolean => {
    const most = kind.length === 1 ? (DIMENSIONS[place]?.most ?? 0) : MOST_OF_PAIR;
    if ((counts[place] ?? 0) >= most) return true;
    return kind.length > 1 && DIMENSIONS.some(({ letter }, one) => kind.includes(letter) && (counts[one] ?? 0) > PAIRED);
  };
  return KINDS.reduce((bits, kind, place) => (isCut(kind, place) ? bits | (1 << place) : bits), 0);
}

function largest(sums: Sum[], most: number): Sum[] {
  return sums.sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1)).slice(0, most);
}

function toRow({ key, counts, amounts }: Sum): SliceCount {
  const length = counts.findLastIndex((count) => count > 0) + 1;
  if (amounts.size === 0) return [key, counts.slice(0, length)];
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
