import type { Anomaly, Peak } from '@transaction-guardian/contracts/anomaly.ts';
import { scoreRow } from '../evidence/calibration.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import type { Episode } from './episode.ts';
import { band } from '../evidence/evidence.ts';
import { at, EXPECTED, rowOf, type SeriesStore, SPREAD, valueOf } from '../series/series-store.ts';
import { directionOf } from '../series/signal.ts';

/** Figures of an anomaly before its first minute. */
export const noFigures = (minute: string): Peak => ({
  minute,
  observed: 0,
  expected: 0,
  expected_low: 0,
  expected_high: 0,
  z_score: 0,
  ml_score: 0,
  p_value: 1,
});

/** What the headline of an open anomaly shows in a minute: counts, or shares of all transactions where the approval rate fell. */
export function figuresOf(store: SeriesStore, { anomaly, row, scope, family }: Episode, minute: LifecycleMinute): Peak {
  const { z, p } = scoreRow(store, row, family);
  const expected = valueOf(store, row, EXPECTED);
  const range = band(expected, valueOf(store, row, SPREAD));
  const isShare = anomaly.type === 'approval_rate_down';
  const total = rowOf(scope, '');
  const all = isShare ? Math.max(1, at(store.counts, total)) : 1;
  const usual = isShare ? Math.max(1, valueOf(store, total, EXPECTED)) : 1;
  const most = isShare ? 1 : Number.POSITIVE_INFINITY;
  return {
    minute: new Date(minute.window.minute).toISOString(),
    observed: round(at(store.counts, row) / all, 3),
    expected: round(Math.min(most, expected / usual), 3),
    expected_low: round(range.low / usual, 3),
    expected_high: round(Math.min(most, range.high / usual), 3),
    z_score: round(z, 2),
    ml_score: round(minute.mlScore(scope), 3),
    p_value: p,
  };
}

/** Gives an anomaly the figures of a minute, which is its peak when none of the same headline was worse. A new headline begins with its
 *  first minute: figures of the one before are of something else. */
export function takeFigures(episode: Episode, figures: Peak): void {
  const { anomaly } = episode;
  const sign = directionOf(episode.family);
  Object.assign(anomaly, figures);
  const isFirst = anomaly.peak.minute === figures.minute;
  if (isFirst || sign * figures.z_score > sign * anomaly.peak.z_score) anomaly.peak = figures;
}

/** Brings all figures of an anomaly that ends to its worst minute. */
export function takePeak(anomaly: Anomaly): void {
  Object.assign(anomaly, anomaly.peak);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
