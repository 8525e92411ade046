import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { SeverityLimits } from './severity-limits.ts';
import type { SliceTable } from '../slices/slice-table.ts';

/** One judged minute, as the anomaly lifecycle sees it. */
export interface LifecycleMinute {
  readonly number: number;
  readonly window: ClosedWindow;
  readonly thresholds: Float64Array;
  readonly candidates: readonly number[];
  /** Unusual rows that a verdict suppresses. They explain the same signs in wider rows as an open anomaly would. */
  readonly suppressed: readonly number[];
  /** What is known of slices beyond the nodes. */
  readonly slices: SliceTable;
  /** ML score 0..1 of a group. */
  readonly mlScore: (group: number) => number;
  /** How far the daily curve of the fleet is known, 0..1. */
  readonly trust: number;
  readonly limits: SeverityLimits;
}
