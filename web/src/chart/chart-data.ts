import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { MinutePoint } from '../live/model.ts';
import { STACK_ORDER } from './status-colour.ts';

const MINUTE_S = 60;
const MINUTE_MS = 60_000;
/** The detector may be a minute or two ahead of what the stream has brought. */
const MOST_APART_S = 180;

/** One drawn minute. `stack`: upper edge of each status of STACK_ORDER and then of the rest, which has no status; null
 *  when nobody sent data. */
export interface Column {
  /** Start of the minute, epoch seconds. */
  readonly x: number;
  readonly point: MinutePoint | null;
  readonly stack: readonly number[] | null;
}

/** One minute that is still to come. */
export interface AheadColumn {
  /** Start of the minute, epoch seconds. */
  readonly x: number;
  readonly step: Forecast['items'][number];
}

export interface ChartData {
  readonly columns: readonly Column[];
  /** What is expected after the newest minute, without a gap; empty when it is not known. */
  readonly ahead: readonly AheadColumn[];
  /** When drifts that are warned of are expected to cross their threshold, as far as `ahead` goes, epoch seconds. */
  readonly crossings: readonly number[];
  /** End of the newest minute, epoch seconds. */
  readonly now: number;
  /** Drawn range, epoch seconds: always the whole period, so that the picture slides and does not rescale. */
  readonly from: number;
  readonly to: number;
  /** Upper end of the y scale. */
  readonly yMax: number;
}

/** Lays points out minute by minute over `minutes` up to `endMs` (or the newest point). A minute without a point is a
 *  hole in the data, not a zero. Points: oldest first. A forecast that goes on from the newest minute is laid out behind it,
 *  for a third of the period and an hour at most. */
export function layOut(points: readonly MinutePoint[], minutes: number, endMs?: number, forecast?: Forecast | null): ChartData {
  const newest = points.at(-1);
  const end = Math.max(endMs ?? 0, newest === undefined ? 0 : newest.at + MINUTE_MS);
  const from = Math.floor(end / MINUTE_MS) * MINUTE_MS - minutes * MINUTE_MS;
  const byMinute = new Map(points.filter((point) => point.at >= from).map((point) => [point.at, point]));
  const first = [...byMinute.keys()][0] ?? end;
  const columns: Column[] = [];
  for (let at = first; newest !== undefined && at <= newest.at; at += MINUTE_MS) {
    const point = byMinute.get(at) ?? null;
    columns.push({ x: at / 1000, point, stack: point === null || point.state === 'silent' ? null : stackOf(point) });
  }
  const ahead = newest === undefined ? [] : aheadOf(forecast, newest.at + MINUTE_MS, Math.min(60, minutes / 3));
  const now = from / 1000 + minutes * MINUTE_S;
  const to = now + ahead.length * MINUTE_S;
  const crossings = (forecast?.drifts ?? []).map((drift) => Date.parse(drift.crosses_at) / 1000).filter((x) => x > now && x < to);
  return { columns, ahead, crossings, now, from: from / 1000, to, yMax: niceMax(columns, ahead) };
}

/** The steps of a forecast from a minute on; none when it does not reach it or has other steps. */
function aheadOf(forecast: Forecast | null | undefined, fromMs: number, minutes: number): readonly AheadColumn[] {
  if (forecast == null || forecast.step_minutes !== 1) return [];
  const columns = forecast.items.map((step) => ({ x: Date.parse(step.minute) / 1000, step }));
  const first = columns.findIndex(({ x }) => x >= fromMs / 1000);
  const isNext = first !== -1 && (columns[first]?.x ?? 0) - fromMs / 1000 <= MOST_APART_S;
  return isNext ? columns.slice(first, first + minutes) : [];
}

function stackOf(point: MinutePoint): readonly number[] {
  let sum = 0;
  const edges = STACK_ORDER.map((status) => (sum += point.by_status[status] ?? 0));
  return [...edges, Math.max(sum, point.total)];
}

/** A round number above everything drawn. A very wide band (little history) may be cut, so that the counts stay legible. */
function niceMax(columns: readonly Column[], ahead: readonly AheadColumn[]): number {
  let total = 0;
  let high = 0;
  for (const { point } of columns) {
    total = Math.max(total, point?.total ?? 0);
    high = Math.max(high, point?.expected_high ?? 0);
  }
  for (const { step } of ahead) {
    total = Math.max(total, step.expected);
    high = Math.max(high, step.high80);
  }
  return roundUp(Math.max(total * 1.12, Math.min(high * 1.05, total * 1.8), 4));
}

function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, 10].find((factor) => factor * unit >= value) ?? 10;
  return step * unit;
}

/** Runs of consecutive columns that pass the test, as [start, end) in epoch seconds. */
export function runsOf(columns: readonly Column[], test: (column: Column) => boolean): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const column of columns) {
    if (!test(column)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[1] === column.x) last[1] = column.x + MINUTE_S;
    else runs.push([column.x, column.x + MINUTE_S]);
  }
  return runs;
}
