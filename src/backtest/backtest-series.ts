import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { createSeriesDetector } from '../detect/univariate/series-detector.ts';

/** One value of a series. `timestamp`: epoch milliseconds; `value`: NaN where it is missing. */
export interface SeriesValue {
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

/** Judges the values of one series in order of time; equal times keep their order. */
export function* judgeSeries(points: readonly SeriesValue[], locale: Locale): Generator<SeriesOutput> {
  const judge = createSeriesDetector();
  for (const { timestamp, value } of points.toSorted((a, b) => a.timestamp - b.timestamp)) {
    const verdict = judge(timestamp, value);
    const params = { observed: value, expected: verdict.expected, z: verdict.z };
    const reason = verdict.anomalous ? reasonText(locale, { code: verdict.frozen ? 'value_frozen' : 'value', params }) : '';
    yield { timestamp, score: verdict.score, z: verdict.z, decision: verdict.anomalous ? 1 : 0, reason };
  }
}
