import { createReportCadence, type ReportCadence } from '../series/report-cadence.ts';
import { createFeedbackState, type FeedbackState } from '../feedback/feedback-state.ts';
import { createErrorTracker, type ErrorTracker } from '../forecast/error-tracker.ts';
import { createOpenAnomalies, type OpenAnomalies } from '../anomaly/open-anomalies.ts';
import { createTrend, type FleetTrend } from '../expect/fleet-trend.ts';
import { createProfile, type SeasonalProfile } from '../expect/profile.ts';
import { createWarnings, type Warnings } from '../warning/warnings.ts';
import { createSeriesStore, type SeriesStore } from '../series/series-store.ts';
import { createSliceTable, type SliceTable } from '../slices/slice-table.ts';

/** Everything a detector remembers. `lastMinute`: epoch milliseconds, NaN before the first. */
export interface DetectorState {
  readonly store: SeriesStore;
  readonly profile: SeasonalProfile;
  readonly trend: FleetTrend;
  readonly anomalies: OpenAnomalies;
  /** Past errors of the forecast of the fleet. */
  readonly errorTracker: ErrorTracker;
  /** What the slices beyond the nodes usually have. */
  readonly slices: SliceTable;
  readonly feedback: FeedbackState;
  readonly cadence: ReportCadence;
  readonly warnings: Warnings;
  lastSequence: number;
  lastMinute: number;
}

/** The state of a detector that has seen nothing. */
export function createState(): DetectorState {
  return {
    store: createSeriesStore(),
    profile: createProfile(),
    trend: createTrend(),
    anomalies: createOpenAnomalies(),
    errorTracker: createErrorTracker(),
    slices: createSliceTable(),
    feedback: createFeedbackState(),
    cadence: createReportCadence(),
    warnings: createWarnings(),
    lastSequence: -1,
    lastMinute: Number.NaN,
  };
}
