import type { Anomaly, AnomalyEvent, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackSummary } from '../feedback/effect.ts';
import type { Finding } from '@transaction-guardian/contracts/analysis.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import type { ForecastQuery } from '../forecast/forecast.ts';

/** What one closed minute did. `scores`: fleet, every status, and every node that has an open anomaly. */
export interface StepResult {
  readonly events: readonly AnomalyEvent[];
  readonly scores: readonly MinuteScore[];
}

/** Judges minutes in event-time order. Deterministic: the same windows give the same results, to the bit, also across
 *  snapshot and restore. Never reads a clock, a file or randomness. */
export interface Detector {
  /** Takes people's verdicts at their place in the order: after the window of the notice's minute. A notice whose number
   *  is not above the last one is ignored. */
  mark(notice: FeedbackNotice): StepResult;
  /** Scores a window and learns from it. A revision > 0 corrects a minute that was already learnt. Windows whose
   *  `sequence` is not above the last one are ignored (empty result). */
  step(window: ClosedWindow): StepResult;
  /** Judges windows on a copy of the state; this detector is unchanged. Findings: worst first. */
  analyze(windows: readonly ClosedWindow[]): {
    readonly findings: readonly Finding[];
    readonly learning: boolean;
    readonly opened: readonly Anomaly[];
  };
  /** Expected counts of a node and their bands after the last minute; null for a node that was never counted. Changes
   *  nothing. */
  forecast(query: ForecastQuery): Forecast | null;
  /** The whole state. Throws nothing. */
  snapshot(): Uint8Array;
  readonly lastSequence: number;
  /** Last minute learnt, epoch milliseconds; NaN before the first. */
  readonly lastMinute: number;
  readonly learning: boolean;
  /** What people's verdicts do at the last minute learnt. */
  readonly feedback: FeedbackSummary;
  readonly seriesCount: number;
  /** Series that each shard judges; empty without shards. */
  readonly shardSeries: readonly number[];
  /** Counts of the last minute whose merchant, acquirer or code there is no room for. */
  readonly unwatched: number;
  readonly stateBytes: number;
}
