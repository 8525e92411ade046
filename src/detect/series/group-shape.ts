import { at, atF32, HALF_HOURS, SHAPE, type SeriesStore } from './series-store.ts';

/** What one day keeps of the earlier ones. */
const KEEP = 0.8;
/** Variance of the change of a group's share of the fleet in half an hour, as believed before anything is known. */
const BELIEF = 0.09;

/** Adds a minute of a group to its shape: its share of the fleet by half-hour of the local day. `base`: expected total of
 *  the fleet. A half-hour counts from the next but one on, so that what lies ahead was always learnt on earlier days. */
export function learnShape(store: SeriesStore, group: number, halfHour: number, count: number, base: number): void {
  const f = store.shapes;
  const first = group * SHAPE;
  const entry = first + HALF_HOURS * 2 + (halfHour % 2) * 3;
  const waiting = atF32(f, entry) - 1;
  if (waiting !== halfHour) {
    if (waiting >= 0) {
      f[first + waiting] = atF32(f, first + waiting) * KEEP + atF32(f, entry + 1);
      f[first + HALF_HOURS + waiting] = atF32(f, first + HALF_HOURS + waiting) * KEEP + atF32(f, entry + 2);
    }
    f[entry] = halfHour + 1;
    f[entry + 1] = 0;
    f[entry + 2] = 0;
  }
  f[entry + 1] = atF32(f, entry + 1) + count;
  f[entry + 2] = atF32(f, entry + 2) + base;
}

/** Growth a minute of a group's share of the fleet at a point of the local day, and how far to trust it, 0..1; into
 *  `out`. `position`: half-hours since midnight, with its fraction. */
export function shapeChange(store: SeriesStore, group: number, position: number, out: Float64Array): void {
  const f = store.shapes;
  const first = group * SHAPE;
  const before = (Math.floor(position - 0.5) + HALF_HOURS) % HALF_HOURS;
  const after = (before + 1) % HALF_HOURS;
  const baseBefore = atF32(f, first + HALF_HOURS + before);
  const baseAfter = atF32(f, first + HALF_HOURS + after);
  out[0] = 0;
  out[1] = 0;
  if (baseBefore <= 0 || baseAfter <= 0) return;
  const countBefore = atF32(f, first + before) + 0.5;
  const countAfter = atF32(f, first + after) + 0.5;
  out[1] = BELIEF / (BELIEF + 1 / countBefore + 1 / countAfter);
  out[0] = Math.log((countAfter * baseBefore) / (countBefore * baseAfter)) / 30;
}

/** The same for a jump of the local clock or a pause, from one point of the local day to another: the whole change. */
export function shapeJump(store: SeriesStore, group: number, from: number, to: number, out: Float64Array): void {
  out[0] = 0;
  out[1] = 0;
  const f = store.shapes;
  const [before, after] = [group * SHAPE + Math.floor(from), group * SHAPE + Math.floor(to)];
  const [baseBefore, baseAfter] = [atF32(f, before + HALF_HOURS), atF32(f, after + HALF_HOURS)];
  if (baseBefore <= 0 || baseAfter <= 0) return;
  const [countBefore, countAfter] = [atF32(f, before) + 0.5, atF32(f, after) + 0.5];
  out[1] = BELIEF / (BELIEF + 1 / countBefore + 1 / countAfter);
  out[0] = Math.log((countAfter * baseBefore) / (countBefore * baseAfter));
}

/** Growth that a shape expects, shrunk by its trust. */
export const shapeGrowth = (out: Float64Array): number => at(out, 0) * at(out, 1);
