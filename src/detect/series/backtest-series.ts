import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { createSeriesDetector } from './series-detector.ts';

/** One value of a series. `timestamp`: epoch milliseconds; `value`: NaN where it is missing. */
export interface SeriesPoint {
  readonly timestamp: number;
  readonly value: number;
}

/** A judged value, as the backtest writes it. */
export interface SeriesOutput {
  readonly timestamp: number;
  readonly score: number;
  readonly z: number;
  readonly decision: 0 | 1;
  readonly reason: string;
}

/** Judges the values of one series in order of time; equal times keep their order. The cadence is the commonest step. */
export function* judgeSeries(points: readonly SeriesPoint[], locale: Locale): Generator<SeriesOutput> {
  const ordered = points.toSorted((a, b) => a.timestamp - b.timestamp);
  const judge = createSeriesDetector({ cadenceMs: cadenceOf(ordered) });
  for (const { timestamp, value } of ordered) {
    const verdict = judge(timestamp, value);
    const params = { observed: value, expected: verdict.expected, z: verdict.z };
    const reason = verdict.anomalous ? reasonText(locale, { code: 'value', params }) : '';
    yield { timestamp, score: verdict.score, z: verdict.z, decision: verdict.anomalous ? 1 : 0, reason };
  }
}

/** The commonest positive step between values, in milliseconds; a minute when there is none. */
export function cadenceOf(ordered: readonly SeriesPoint[]): number {
  const steps = new Map<number, number>();
  for (let i = 1; i < ordered.length; i++) {
    const step = (ordered[i]?.timestamp ?? 0) - (ordered[i - 1]?.timestamp ?? 0);
    if (step > 0) steps.set(step, (steps.get(step) ?? 0) + 1);
  }
  let best = 60_000;
  let most = 0;
  for (const [step, times] of steps) {
    if (times <= most) continue;
    best = step;
    most = times;
  }
  return best;
}
