import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';

/** What kind of adverse status a row can show: signals of one family have one cause. */
export type Family = 'volume' | 'denial' | 'failure' | 'spike';

/** Outcomes that a slice is counted by. */
export const SLICE_OUTCOMES = ['approved', 'denied', 'failed', 'reversed'] as const;
export type SliceOutcome = (typeof SLICE_OUTCOMES)[number];

/** What the detector makes of a status. */
export interface StatusSpec {
  /** Family of its bad news. */
  readonly family: Family;
  /** What too many of it are reported as. */
  readonly type: AnomalyType;
  readonly outcome: SliceOutcome;
  /** Where a drift towards its threshold is warned of. Acquirers have no slow level, and few reversals by the back end. */
  readonly warns: readonly ('fleet' | 'acquirer')[];
}

/** All that the detector decides for each status. A new one needs a line here, and a new version of the detector. */
export const STATUS_TABLE: Readonly<Record<Status, StatusSpec>> = {
  approved: { family: 'volume', type: 'low_volume', outcome: 'approved', warns: ['fleet'] },
  denied: { family: 'denial', type: 'denials_above_normal', outcome: 'denied', warns: ['fleet', 'acquirer'] },
  failed: { family: 'failure', type: 'failures_above_normal', outcome: 'failed', warns: ['fleet', 'acquirer'] },
  reversed: { family: 'failure', type: 'reversals_above_normal', outcome: 'reversed', warns: ['fleet', 'acquirer'] },
  backend_reversed: { family: 'failure', type: 'reversals_above_normal', outcome: 'reversed', warns: ['fleet'] },
  refunded: { family: 'failure', type: 'reversals_above_normal', outcome: 'reversed', warns: ['fleet', 'acquirer'] },
  processing: { family: 'failure', type: 'failures_above_normal', outcome: 'failed', warns: [] },
};

/** The statuses whose drift is warned of there, in the order of `STATUSES`. */
export const warnedStatuses = (where: 'fleet' | 'acquirer'): readonly Status[] =>
  STATUSES.filter((status) => STATUS_TABLE[status].warns.includes(where));
