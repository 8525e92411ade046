import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';

/** Letters of the dimensions in the keys of `SliceCount`, and what they are in a slice. */
const FIELDS = { a: 'acquirer', b: 'card_bin', c: 'auth_code', m: 'merchant_id', p: 'payment_method' } as const;

/** The dimensions of a key, e.g. `a=acq-1`; none for everything. */
export const dimensionsOf = (key: string): readonly string[] => (key === '' ? [] : key.split('\t'));

/** Dimensions as the fields of a slice. */
export function sliceOfDimensions(dimensions: readonly string[]): Slice {
  return Object.fromEntries(dimensions.map((dimension) => [FIELDS[dimension.charAt(0) as keyof typeof FIELDS], dimension.slice(2)]));
}

/** The fields of a slice as dimensions, in the order of keys; the status is none. */
export function dimensionsOfSlice(slice: Slice): string[] {
  return Object.entries(FIELDS).flatMap(([letter, field]) => {
    const value = slice[field];
    return value === undefined ? [] : [`${letter}=${value}`];
  });
}
