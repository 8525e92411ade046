import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Detector } from '../engine/detector.ts';
import type { Scored } from './scorer.ts';

/** What the detect stage counts. */
export interface DetectMetrics {
  opened(type: AnomalyType): void;
  /** Notes that the process of a shard was lost. */
  lostShard(): void;
  /** Notes windows that were judged. */
  scored(scored: Scored, detector: Detector): void;
  /** Notes that their results are in the database. `nowMs`: the wall clock. */
  stored(scored: Scored, nowMs: number): void;
}

const STEP_SECONDS = [0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const DELAY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Registers the metrics of the detect stage. */
export function createDetectMetrics(registry: Registry): DetectMetrics {
  const registers = [registry];
  const anomalies = new Counter({ name: 'guardian_anomalies_total', help: 'Anomalies opened.', labelNames: ['type'], registers });
  const windows = new Counter({
    name: 'guardian_scored_windows_total',
    help: 'Closed minutes and corrections scored.',
    registers,
  });
  const series = new Gauge({ name: 'guardian_detector_series', help: 'Series tracked by the detector.', registers });
  const ofShard = new Gauge({
    name: 'guardian_detector_shard_series',
    help: 'Series of the merchants that a shard of the detector judges.',
    labelNames: ['shard'],
    registers,
  });
  const lost = new Counter({
    name: 'guardian_detector_shard_losses_total',
    help: 'Times that the process of a shard was gone or did not answer: the detector then starts again from its last snapshot.',
    registers,
  });
  const unwatched = new Gauge({
    name: 'guardian_detector_unwatched_counts',
    help: 'Counts of the last minute whose merchant, acquirer or auth code exceeds the series limit: they count for the fleet only.',
    registers,
  });
  const verdicts = new Gauge({
    name: 'guardian_feedback_verdicts',
    help: 'Verdicts in force.',
    labelNames: ['verdict'],
    registers,
  });
  const useful = new Gauge({
    name: 'guardian_feedback_useful_ratio',
    help: 'Share of useful verdicts among useful and noise verdicts in force (precision as seen by operators). NaN without verdicts.',
    registers,
  });
  const moved = new Gauge({
    name: 'guardian_feedback_thresholds_adjusted',
    help: 'Nodes whose threshold verdicts shift by at least 0.1 nats.',
    registers,
  });
  const bytes = new Gauge({ name: 'guardian_detector_state_bytes', help: 'Size of the detector state.', registers });
  const steps = new Histogram({
    name: 'guardian_detector_step_seconds',
    help: 'Time to decode and score a closed minute or a correction.',
    labelNames: ['window', 'work'],
    buckets: STEP_SECONDS,
    registers,
  });
  const delay = new Histogram({
    name: 'guardian_score_delay_seconds',
    help: 'Time from the close of a minute until its scores are stored.',
    buckets: DELAY_SECONDS,
    registers,
  });
  return {
    opened: (type) => anomalies.inc({ type }),
    lostShard: () => lost.inc(),
    scored({ windows: count, times }, detector) {
      windows.inc(count);
      series.set(detector.seriesCount);
      for (const [shard, count] of detector.shardSeries.entries()) ofShard.set({ shard: String(shard + 1) }, count);
      unwatched.set(detector.unwatched);
      bytes.set(detector.stateBytes);
      const { feedback } = detector;
      verdicts.set({ verdict: 'useful' }, feedback.useful);
      verdicts.set({ verdict: 'noise' }, feedback.noise);
      useful.set(feedback.useful / (feedback.useful + feedback.noise));
      moved.set(feedback.thresholdsShifted);
      for (const { isCorrection, read, judge } of times) {
        const window = isCorrection ? 'correction' : 'minute';
        steps.observe({ window, work: 'read' }, read);
        steps.observe({ window, work: 'judge' }, judge);
      }
    },
    stored({ closedAt }, nowMs) {
      for (const closed of closedAt) delay.observe(Math.max(0, nowMs - closed) / 1000);
    },
  };
}
