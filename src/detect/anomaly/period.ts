import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { at, EXPECTED, groupOfRow, kindOfGroup, RING, rowOf, valueOf, type SeriesStore } from '../series/series-store.ts';
import { recent } from '../series/signal.ts';
import type { Family } from '../series/status-table.ts';

/** Sums of the row of an anomaly over the period that its sentence names. Plain data: it goes into the snapshot as JSON. */
export interface AnomalyPeriod {
  readonly row: number;
  /** First minute of it (minutes since the epoch). */
  readonly from: number;
  observed: number;
  expected: number;
  /** Minutes that count: of a volume all of them, silent ones as none; of other rows those with data. */
  minutes: number;
  /** Minutes without a transaction, silent ones included. */
  empty: number;
  /** Approved ones of its group in the same minutes. */
  approved?: Sums;
}

/** Transactions of several minutes. */
interface Sums {
  observed: number;
  expected: number;
}

/** What an anomaly is named after, and the period of that name. */
export interface NamedAnomaly {
  readonly row: number;
  readonly family: Family;
  readonly anomaly: Pick<Anomaly, 'duration_minutes'>;
  period?: AnomalyPeriod;
}

/** Means of a period, per minute. */
export interface PeriodMean {
  readonly from: number;
  readonly observed: number;
  readonly expected: number;
  /** Minutes without a transaction. */
  readonly empty: number;
  /** Approved ones of its group: sums, not means. */
  readonly approved: Readonly<Sums>;
}

/** Adds a minute to the period of an open anomaly. */
export function followPeriod(store: SeriesStore, episode: NamedAnomaly, isSilent: boolean): void {
  const { period, row, family } = episode;
  if (period === undefined || period.row !== row) return;
  if (isSilent && family !== 'volume') return;
  const observed = isSilent ? 0 : at(store.counts, row);
  period.observed += observed;
  if (observed === 0) period.empty++;
  period.expected += valueOf(store, row, EXPECTED);
  period.minutes++;
  if (period.approved === undefined) return;
  const approved = approvedRow(store, row);
  period.approved.observed += isSilent ? 0 : at(store.counts, approved);
  period.approved.expected += valueOf(store, approved, EXPECTED);
}

/** Approved ones of the group of a row; those of the fleet for a code. */
function approvedRow(store: SeriesStore, row: number): number {
  const group = groupOfRow(row);
  return rowOf(kindOfGroup(store, group) === 'auth_code' ? 0 : group, 'approved');
}

/** The means of the period that ends at `minute`. It begins with the anomaly; where the row became its headline later than the ring
 *  reaches back, with the first minute of the ring. */
export function meanOf(store: SeriesStore, episode: NamedAnomaly, minute: number): PeriodMean {
  const { row, anomaly, family } = episode;
  // A snapshot of an earlier version has no approved ones.
  const known = episode.period?.row === row && episode.period.approved !== undefined ? episode.period : undefined;
  const period = known ?? firstPeriod(store, row, minute, Math.min(anomaly.duration_minutes, RING), family);
  episode.period = period;
  const { from, observed, expected, minutes, empty, approved = { observed: 0, expected: 0 } } = period;
  const divisor = Math.max(1, minutes);
  return { from, observed: observed / divisor, expected: expected / divisor, empty, approved };
}

/** The period of the last `run` minutes, from the ring. */
function firstPeriod(store: SeriesStore, row: number, minute: number, run: number, family: Family): AnomalyPeriod {
  const sums = (of: number): Sums & { minutes: number } => {
    const past = recent(store, of, minute, run);
    const minutes = family === 'volume' ? run : past.minutes;
    return { observed: past.observed, expected: valueOf(store, of, EXPECTED) * minutes, minutes };
  };
  const { minutes: _minutes, ...approved } = sums(approvedRow(store, row));
  return { row, from: minute - run + 1, ...sums(row), empty: emptyMinutes(store, row, minute, run), approved };
}

/** Minutes without a transaction among the last `run` ones, at most as many as the ring has. */
function emptyMinutes(store: SeriesStore, row: number, minute: number, run: number): number {
  let empty = 0;
  for (let back = 0; back < Math.min(run, RING); back++) if (recent(store, row, minute - back, 1).observed === 0) empty++;
  return empty;
}
