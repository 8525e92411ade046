import type { Point } from '../state/model.ts';
import { STACK_ORDER } from './status-colour.ts';

const MINUTE_S = 60;
const MINUTE_MS = 60_000;

/** One drawn minute. `stack`: upper edge of each status of STACK_ORDER and then of the rest, which has no status; null
 *  when nobody sent data. */
export interface Column {
  /** Start of the minute, epoch seconds. */
  readonly x: number;
  readonly point: Point | null;
  readonly stack: readonly number[] | null;
}

export interface ChartData {
  readonly columns: readonly Column[];
  /** Drawn range, epoch seconds: always the whole period, so that the picture slides and does not rescale. */
  readonly from: number;
  readonly to: number;
  /** Upper end of the y scale. */
  readonly yMax: number;
}

/** Lays points out minute by minute over `minutes` up to `endMs` (or the newest point). A minute without a point is a
 *  hole in the data, not a zero. Points: oldest first. */
export function layOut(points: readonly Point[], minutes: number, endMs?: number): ChartData {
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
  return { columns, from: from / 1000, to: from / 1000 + minutes * MINUTE_S, yMax: niceMax(columns) };
}

function stackOf(point: Point): readonly number[] {
  let sum = 0;
  const edges = STACK_ORDER.map((status) => (sum += point.by_status[status] ?? 0));
  return [...edges, Math.max(sum, point.total)];
}

/** A round number above everything drawn. A very wide band (little history) may be cut, so that the counts stay legible. */
function niceMax(columns: readonly Column[]): number {
  let total = 0;
  let high = 0;
  for (const { point } of columns) {
    total = Math.max(total, point?.total ?? 0);
    high = Math.max(high, point?.high ?? 0);
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
