/** One row of a file to test on. Times are epoch milliseconds; a value that is missing is NaN. */
export type BacktestRow =
  | ({ readonly kind: 'status' } & CountRow)
  | ({ readonly kind: 'auth_code' } & CountRow)
  | { readonly kind: 'value'; readonly timestamp: number; readonly value: number; readonly labels?: readonly Label[] };

/** A row with a count of this minute could not be read: the minute is not judged. */
export interface IncompleteRow {
  readonly kind: 'incomplete';
  readonly timestamp: number;
  readonly offsetMs?: number;
}

/** A column of words beside a value, and its word in one row. */
export type Label = readonly [column: string, word: string];

/** What counts are told apart by beside the status. */
export type Dimension = 'merchant_id' | 'acquirer' | 'auth_code';

interface CountRow {
  readonly timestamp: number;
  readonly name: string;
  readonly value: number;
  readonly dimensions?: Readonly<Partial<Record<Dimension, string>>>;
  /** What the file shows is ahead of UTC by this, milliseconds (default 0). */
  readonly offsetMs?: number;
}
