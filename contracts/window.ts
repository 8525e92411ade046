import type { Status } from './status.ts';

/** Why a minute has the count that it has. `observed`: records came; `zero`: none came and a source was alive
 *  (heartbeat or an explicit count of 0); `silent`: neither records nor heartbeats came; `incomplete`: a row of a file
 *  with a count of this minute of history was refused and has not come since, so its counts are too low and nobody judges it. */
export type MinuteState = 'observed' | 'zero' | 'silent' | 'incomplete';

/** One counted combination of dimensions in one minute; '' where the records did not say. */
export interface Cell {
  readonly status: Status | '';
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
  readonly count: number;
  readonly amount: number;
}

/** Transactions of one slice of a minute: [key, counts by status, approved amounts]. `key`: one or two dimensions in order of
 *  their letters, each `<letter>=<value>`, with a tab between them (a acquirer, b first six digits of the card, c auth code,
 *  m merchant, p payment method); '' for everything. Counts are in the order of `STATUSES`, zeros at the end left out.
 *  Amounts: currency and sum, then the next currency. */
export type SliceCount = readonly [key: string, counts: readonly number[], amounts?: readonly (string | number)[]];

/** What the bus carries on `guardian.windows`: one minute, closed by the watermark, or a correction of a closed one.
 *  `sequence` grows with every window and is never reused: consumers drop what they have seen. Verdicts of people travel
 *  between the windows (`FeedbackNotice`); they have numbers of their own. */
export interface ClosedWindow {
  readonly v: 1;
  readonly sequence: number;
  /** Start of the minute, epoch milliseconds, a multiple of 60 000. */
  readonly minute: number;
  /** 0 when first closed, then +1 with every correction by late rows. */
  readonly revision: number;
  readonly state: MinuteState;
  readonly cells: readonly Cell[];
  /** The largest slices of the minute, by one and two dimensions; of a correction, only what the late rows added. Absent where
   *  the records name nothing to slice by. */
  readonly slices?: readonly SliceCount[];
  /** A correction that names only the merchants that late records changed, with all their cells. The others are as the
   *  revision before held them, and added up under merchant '': the cells still hold the whole minute. */
  readonly partial?: true;
  /** Transactions that came after the minute had closed (this revision's total includes them). */
  readonly late: number;
  /** True when every record of the minute was backfill. */
  readonly backfill: boolean;
  /** When the minute was closed, wall clock, epoch milliseconds. */
  readonly closed_at: number;
}

/** A window as it travels. `v` 2: it is partial, or `cells` is packed (base64 of gzip of `PackedRows` as JSON). */
export interface WindowMessage extends Omit<ClosedWindow, 'v' | 'cells'> {
  readonly v: 1 | 2;
  readonly cells: readonly Cell[] | string;
  /** Transactions of the minute by status, beside packed cells: who needs no more can leave them packed. */
  readonly by_status?: Readonly<Partial<Record<Status, number>>>;
}

/** Flat rows column by column. A text column names each text once: `at` holds the place in `texts` of the first row, then the
 *  difference to the row before. null: the row does not have the field. */
export interface PackedRows {
  readonly length: number;
  readonly columns: Readonly<Record<string, PackedColumn>>;
}
export type PackedColumn =
  | { readonly texts: readonly (string | null)[]; readonly at: readonly number[] }
  | { readonly numbers: readonly (number | null)[] };
