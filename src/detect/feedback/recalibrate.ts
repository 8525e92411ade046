import { at, atU8, GROUP_ROWS, NATS, type SeriesStore, STRIDE, UP, valueOf } from '../series-store.ts';
import { scopeOf } from '../episode.ts';
import { emptyRun, familyOfRow } from '../signal.ts';
import { SETTINGS } from '../settings.ts';
import type { FeedbackEffect } from './effect.ts';
import { sizeOf } from './quiet-rows.ts';
import type { VerdictEntry } from './verdict-entry.ts';

/** One judged minute, before anything is told. */
export interface JudgedMinute {
  /** Minutes since the epoch. */
  readonly number: number;
  /** Evidence (nats) that opens an anomaly, by kind of group. */
  readonly bars: Float64Array;
  /** Rows over their bar, in row order. Changed in place. */
  readonly hot: number[];
}

/** Part of the bar at which a quietened row is shown, below all that acts on rows which are about to tell. */
const QUIET_SHARE = 0.25;
/** Part of the bar from which a row counts as unusual. */
const COMPANION_SHARE = 0.4;
const { quietMinutes, quietRatio } = SETTINGS.feedback;

/** Moves the bars of the judged nodes: evidence counts as if the bar of its kind were higher or lower by the shift, so that
 *  1.0 of the bar opens an anomaly for every node alike. */
export function shiftBars(store: SeriesStore, effect: FeedbackEffect, minute: JudgedMinute): void {
  const isHot = new Set(minute.hot);
  const before = isHot.size;
  let isChanged = false;
  for (const { kind, id, family, shift } of effect.bars) {
    const group = store.index[kind].get(id);
    if (group === undefined || shift === 0) continue;
    for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++) {
      const isOwn = family === 'spike' ? row % GROUP_ROWS === 0 : familyOfRow(store, row) === family;
      if (!isOwn || atU8(store.seen, row) === 0) continue;
      const bar = at(minute.bars, atU8(store.kinds, scopeOf(store, row)));
      if (family !== 'spike') store.values[row * STRIDE + NATS] = (valueOf(store, row, NATS) * bar) / (bar + shift);
      const grows = row % GROUP_ROWS === 0 && valueOf(store, row, UP + 1) >= bar + (family === 'spike' ? shift : 0);
      isChanged = true;
      if (valueOf(store, row, NATS) >= bar || grows) isHot.add(row);
      else isHot.delete(row);
    }
  }
  if (isChanged || before !== isHot.size) replace(minute.hot, isHot);
}

/** Takes rows out that a person called noise, as long as they are not clearly worse than then, and the fall of a volume that
 *  goes along with them. Nothing at all is never quietened. */
export function quieten(store: SeriesStore, entries: readonly VerdictEntry[], minute: JudgedMinute): void {
  const isHot = new Set(minute.hot);
  for (const entry of entries) {
    const [first] = entry.quiet;
    if (first === undefined || minute.number - entry.minute >= quietMinutes) continue;
    let goesOn = false;
    for (const { row, z } of entry.quiet) if (quietenRow(store, row, z * quietRatio, minute, isHot)) goesOn = true;
    if (!goesOn || entry.family === 'volume') continue;
    const total = scopeOf(store, first.row) * GROUP_ROWS;
    for (const row of [total, total + 1]) quietenRow(store, row, first.z * quietRatio, minute, isHot);
  }
  replace(minute.hot, isHot);
}

/** Quietens a row below the size |z| `size`; true when it was unusual. */
function quietenRow(store: SeriesStore, row: number, size: number, minute: JudgedMinute, isHot: Set<number>): boolean {
  const isAbsent = familyOfRow(store, row) === 'volume' && emptyRun(store, row, minute.number) > 0;
  if (isAbsent || sizeOf(store, row) >= size) return false;
  const bar = at(minute.bars, atU8(store.kinds, scopeOf(store, row)));
  const o = row * STRIDE + NATS;
  const wasUnusual = at(store.values, o) >= COMPANION_SHARE * bar;
  store.values[o] = Math.min(at(store.values, o), QUIET_SHARE * bar);
  isHot.delete(row);
  return wasUnusual;
}

function replace(hot: number[], rows: ReadonlySet<number>): void {
  hot.splice(0, hot.length, ...[...rows].sort((a, b) => a - b));
}
