import { layoutError } from '../csv/layout-error.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { GuardianError } from '../errors.ts';
import { namesSeries, plainName } from '../csv/column-names.ts';
import type { BacktestOutput } from './backtest-output.ts';
import { timeText } from '../check/file-time.ts';
import type { Label } from './backtest-row.ts';
import { judgeSeries, type SeriesValue } from './backtest-series.ts';

/** A value with the words that stand beside it. */
export interface LabelledPoint extends SeriesValue {
  readonly labels?: readonly Label[];
}

const NO_PLACE = { merchant_id: '', acquirer: '' };

/** Of the rows of one series at most this share may have the time of another row: some exports repeat rows. */
const MOST_REPEATED = 0.1;

/** Judges the values of a file: one series, or, where rows share a time or take turns and differ in a column of words, each series
 *  by itself, under the name of its words in `status`. Rows in the order of time, of equal times in the order of the file.
 *  Throws CSV_LAYOUT when rows share a time and nothing tells them apart: other series, or single transactions. */
export function* judgeAll(points: readonly LabelledPoint[], locale: Locale): Generator<BacktestOutput> {
  const repeated = repeatedOf(points);
  const isLabelled = points.some(({ labels }) => labels !== undefined);
  const naming = isLabelled ? distinguishingColumns(points) : [];
  const columns = repeated.share > 0 ? naming : naming.filter((column) => nameSeries(points, column));
  const most = isLabelled && columns.length === 0 ? 0 : MOST_REPEATED;
  if (columns.length === 0) {
    if (repeated.share > most) throw sameTime(repeated.first);
    for (const { timestamp, ...verdict } of judgeSeries(points, locale))
      yield { timestamp: timeText(timestamp), ...verdict, status: '', ...NO_PLACE };
    return;
  }
  const rows: (BacktestOutput & { readonly at: number })[] = [];
  for (const [status, own] of Map.groupBy(points, (point) => nameOf(point, columns))) {
    const { share, first } = repeatedOf(own);
    if (share > most) throw sameTime(first);
    for (const { timestamp, ...verdict } of judgeSeries(own, locale))
      rows.push({ at: timestamp, timestamp: timeText(timestamp), ...verdict, status, ...NO_PLACE });
  }
  rows.sort((a, b) => a.at - b.at);
  for (const { at: _at, ...row } of rows) yield row;
}

interface Repeated {
  /** Part of the rows that have the time of an earlier row, 0 to 1. */
  readonly share: number;
  /** The first such time; 0 without one. */
  readonly first: number;
}

function repeatedOf(points: readonly SeriesValue[]): Repeated {
  const seen = new Set<number>();
  let first = 0;
  for (const { timestamp } of points) {
    if (first === 0 && seen.has(timestamp)) first = timestamp;
    seen.add(timestamp);
  }
  return { share: points.length === 0 ? 0 : 1 - seen.size / points.length, first };
}

/** The columns that name the series: those with several words, which come again (an id of each row does not). */
function distinguishingColumns(points: readonly LabelledPoint[]): readonly number[] {
  const first = points[0]?.labels ?? [];
  return [...first.keys()].filter((column) => {
    const words = new Set(points.map(({ labels }) => labels?.[column]?.[1]));
    return words.size > 1 && words.size <= points.length / 2;
  });
}

/** A word has to come as often before its turns say anything. */
const FEWEST_TURNS = 8;
/** Part of the steps between rows of one word that have to be of its usual length. */
const USUAL_STEPS = 0.8;

/** True where the words of a column name series although no rows share a time: by its name (`host`), or because the words take
 *  turns, each at steps of one length, as of machines that report twenty seconds apart. Days of the week take turns as well. */
function nameSeries(points: readonly LabelledPoint[], column: number): boolean {
  const wordOf = ({ labels }: LabelledPoint): string => labels?.[column]?.[1] ?? '';
  if (namesSeries(plainName(points[0]?.labels?.[column]?.[0] ?? ''))) return true;
  const series = [...Map.groupBy(points, wordOf)];
  if (series.some(([word]) => isCalendarWord(word))) return false;
  const turns = points.filter((point, place) => place > 0 && wordOf(point) !== wordOf(points[place - 1] ?? point)).length;
  if (turns * 2 < points.length - 1) return false;
  const usual = series.map(([, own]) => usualStep(own));
  return usual.every((step) => step !== null && step <= 1.5 * (usual[0] ?? 0) && step * 1.5 >= (usual[0] ?? 0));
}

/** The usual step between rows, milliseconds; null where there is none. */
function usualStep(own: readonly SeriesValue[]): number | null {
  const steps = own.slice(1).map(({ timestamp }, place) => timestamp - (own[place]?.timestamp ?? 0));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)];
  if (usual === undefined || steps.length < FEWEST_TURNS) return null;
  return steps.filter((step) => step > 0.5 * usual && step < 1.5 * usual).length >= USUAL_STEPS * steps.length ? usual : null;
}

/** Words of days and months, in English, Portuguese and Spanish, by their first letters. */
const CALENDAR = new Set(
  'sun mon tue wed thu fri sat dom seg ter qua qui sex sab lun mar mie jue vie jan feb fev ene apr abr may mai jun jul aug ago sep set oct out nov dec dez dic'.split(
    ' ',
  ),
);

const isCalendarWord = (word: string): boolean => CALENDAR.has(plainName(word).slice(0, 3));

function nameOf({ labels }: LabelledPoint, columns: readonly number[]): string {
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) return labels?.[only]?.[1] ?? '';
  return columns.map((column) => (labels?.[column] ?? []).join('=')).join(' ');
}

const sameTime = (timeMs: number): GuardianError => layoutError('same_time', { time: timeText(timeMs) });
