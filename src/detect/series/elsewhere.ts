import type { Status } from '@transaction-guardian/contracts/status.ts';
import type { Family } from './status-table.ts';

/** Merchants whose columns are not in this store: shards hold and judge them. The store knows their names, their counts of the minute in
 *  hand and when they were last heard, and borrows the columns of those that an anomaly is about. What is borrowed is the only copy that
 *  counts until it is given back. */
export interface MerchantsElsewhere {
  /** Whether the columns of a merchant are borrowed now. */
  has(group: number): boolean;
  /** Borrows the columns of these groups; those that are in this store anyway are left alone. */
  borrow(groups: Iterable<number>): void;
  /** Does the same to every merchant. */
  act(act: MerchantAct): void;
  /** What all merchants answer, in the order of their groups. */
  ask(question: MerchantQuestion): readonly MerchantAnswer[];
}

/** What the end of an anomaly, or of an absence of data, does to every merchant: its sums and excursions begin again, its slow sums do, or its z
 *  of the last minutes does. */
export type MerchantAct = 'clear_sums' | 'clear_rises' | 'clear_z';

/** What a decision about the fleet asks of every merchant. Minutes since the epoch; `run`: minutes up to `minute`. */
export type MerchantQuestion =
  /** Which have a part of an excess of the fleet. Answers: observed, expected and usual total. `sign`: +1 where more is worse; `rows`: of the
   *  group, that count. */
  | {
      readonly about: 'excess';
      readonly rows: readonly number[];
      readonly family: Family;
      readonly minute: number;
      readonly run: number;
      readonly sign: 1 | -1;
    }
  /** How much came of the totals that expect at most `most` a minute, of merchants that are known. Answers: observed and expected of each run. */
  | { readonly about: 'totals'; readonly minute: number; readonly runs: readonly number[]; readonly most: number; readonly age: number }
  /** In which lies an excess of at least `excess` that by itself comes to `nats`. Answers: nothing but who. */
  | {
      readonly about: 'rising';
      readonly status: Status | '';
      readonly minute: number;
      readonly run: number;
      readonly sign: 1 | -1;
      readonly excess: number;
      readonly nats: number;
    };

/** The answer of one merchant. */
export interface MerchantAnswer {
  readonly group: number;
  readonly figures: readonly number[];
}
