import { layoutError } from '../csv/layout-error.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { GuardianError } from '../errors.ts';
import type { BacktestOutput } from './backtest-output.ts';
import { timeText } from '../check/file-time.ts';
import type { Label } from './backtest-row.ts';
import { judgeSeries, type SeriesValue } from './backtest-series.ts';

/** A value with the words that stand beside it. */
export interface LabelledPoint extends SeriesValue {
  readonly labels?: readonly Label[];
}

const NO_PLACE = { merchant_id: '', acquirer: '' };

/** Judges the values of a file: one series, or, where rows share a time and differ in a column of words, each series by
 *  itself, under the name of its words in `status`. Rows in the order of time, of equal times in the order of the file.
 *  Throws CSV_LAYOUT when rows share a time and nothing tells them apart. */
export function* judgeAll(points: readonly LabelledPoint[], locale: Locale): Generator<BacktestOutput> {
  if (!hasTwice(points)) {
    for (const { timestamp, ...verdict } of judgeSeries(points, locale))
      yield { timestamp: timeText(timestamp), ...verdict, status: '', ...NO_PLACE };
    return;
  }
  const columns = distinguishingColumns(points);
  const series = Map.groupBy(points, (point) => nameOf(point, columns));
  const rows: (BacktestOutput & { readonly at: number })[] = [];
  for (const [status, own] of series) {
    const twice = columns.length > 0 ? undefined : firstTwice(own);
    if (twice !== undefined) throw sameTime(twice);
    for (const { timestamp, ...verdict } of judgeSeries(own, locale))
      rows.push({ at: timestamp, timestamp: timeText(timestamp), ...verdict, status, ...NO_PLACE });
  }
  rows.sort((a, b) => a.at - b.at);
  for (const { at: _at, ...row } of rows) yield row;
}

function firstTwice(points: readonly SeriesValue[]): number | undefined {
  const seen = new Set<number>();
  return points.find(({ timestamp }) => seen.size === seen.add(timestamp).size)?.timestamp;
}

const hasTwice = (points: readonly LabelledPoint[]): boolean =>
  points.some(({ labels }) => labels !== undefined) && firstTwice(points) !== undefined;

/** The columns that name the series: those with several words, which come again (an id of each row does not). */
function distinguishingColumns(points: readonly LabelledPoint[]): readonly number[] {
  const first = points[0]?.labels ?? [];
  return [...first.keys()].filter((column) => {
    const words = new Set(points.map(({ labels }) => labels?.[column]?.[1]));
    return words.size > 1 && words.size <= points.length / 2;
  });
}

function nameOf({ labels }: LabelledPoint, columns: readonly number[]): string {
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) return labels?.[only]?.[1] ?? '';
  return columns.map((column) => (labels?.[column] ?? []).join('=')).join(' ');
}

const sameTime = (timeMs: number): GuardianError => layoutError('same_time', { time: timeText(timeMs) });
