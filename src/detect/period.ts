import type { Episode } from './episode.ts';
import { at, EXPECTED, RING, valueOf, type SeriesStore } from './series-store.ts';
import { recent } from './signal.ts';

/** Sums of the row of an anomaly over the period that its sentence names. Plain data: it goes into the snapshot as JSON. */
export interface Period {
  readonly row: number;
  /** First minute of it (minutes since the epoch). */
  readonly from: number;
  observed: number;
  expected: number;
  /** Minutes that count: of a volume all of them, silent ones as none; of other rows those with data. */
  minutes: number;
}

/** Means of a period, per minute. */
export interface PeriodMean {
  readonly from: number;
  readonly observed: number;
  readonly expected: number;
}

/** Adds a minute to the period of an open anomaly. */
export function followPeriod(store: SeriesStore, episode: Episode, isSilent: boolean): void {
  const { period, row, family } = episode;
  if (period === undefined || period.row !== row) return;
  if (isSilent && family !== 'volume') return;
  period.observed += isSilent ? 0 : at(store.counts, row);
  period.expected += valueOf(store, row, EXPECTED);
  period.minutes++;
}

/** The means of the period that ends at `minute`. It begins with the anomaly; where the row became its headline later than the ring
 *  reaches back, with the first minute of the ring. */
export function meanOf(store: SeriesStore, episode: Episode, minute: number): PeriodMean {
  const { row, anomaly, family } = episode;
  if (episode.period?.row !== row) {
    const run = Math.min(anomaly.duration_minutes, RING);
    const past = recent(store, row, minute, run);
    const minutes = family === 'volume' ? run : past.minutes;
    episode.period = { row, from: minute - run + 1, observed: past.observed, expected: valueOf(store, row, EXPECTED) * minutes, minutes };
  }
  const { from, observed, expected, minutes } = episode.period;
  const divisor = Math.max(1, minutes);
  return { from, observed: observed / divisor, expected: expected / divisor };
}
