import type { Status } from './transaction.ts';

/** Why a minute has the count that it has. `observed`: records came; `zero`: none came and a source was alive
 *  (heartbeat or an explicit count of 0); `silent`: none came and nobody said that they were alive. */
export type MinuteState = 'observed' | 'zero' | 'silent';

/** One counted combination of dimensions in one minute; '' where the records did not say. */
export interface Cell {
  readonly status: Status | '';
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
  readonly count: number;
  readonly amount: number;
}

/** What the bus carries on `guardian.windows`: one minute, closed by the watermark, or a correction of a closed one.
 *  `sequence` grows by one with every message and is never reused: consumers drop what they have seen. */
export interface ClosedWindow {
  readonly v: 1;
  readonly sequence: number;
  /** Start of the minute, epoch milliseconds, a multiple of 60 000. */
  readonly minute: number;
  /** 0 when first closed, then +1 with every correction by late rows. */
  readonly revision: number;
  readonly state: MinuteState;
  readonly cells: readonly Cell[];
  /** Transactions that came after the minute had closed (this revision's total includes them). */
  readonly late: number;
  /** True when every record of the minute was history being filled in. */
  readonly backfill: boolean;
  /** When the minute was closed, our clock, epoch milliseconds. */
  readonly closed_at: number;
}
