import { atF32, HALF_HOURS, SHAPE, type SeriesStore } from '../series/series-store.ts';

/** Variance of the change of a group's share of the fleet in half an hour, as believed before anything is known, and the
 *  most of it for longer times. */
const BELIEF = 0.09;
const BELIEF_MOST = 0.5;

interface Share {
  readonly log: number;
  /** Variance of the logarithm; infinite where nothing is known. */
  readonly variance: number;
}

/** Change of the logarithm of a group's share of the fleet between two points of the local day (half-hours since midnight,
 *  with fractions), shrunk by what is known of it, with its variance; `apart`: half-hours between them. */
export function shapeAhead(
  store: SeriesStore,
  group: number,
  from: number,
  to: number,
  apart: number,
): { readonly change: number; readonly variance: number; readonly trust: number } {
  const belief = Math.min(BELIEF_MOST, BELIEF * Math.max(1 / 30, apart));
  const before = shareAt(store, group, from);
  const after = shareAt(store, group, to);
  const error = before.variance + after.variance;
  if (!Number.isFinite(error)) return { change: 0, variance: belief, trust: 0 };
  const trust = belief / (belief + error);
  return { change: trust * (after.log - before.log), variance: trust * error, trust };
}

/** Log share at a point of the day, between the middles of the half-hours around it. */
function shareAt(store: SeriesStore, group: number, position: number): Share {
  const first = Math.floor(position - 0.5);
  const f = position - 0.5 - first;
  const a = shareOf(store, group, (first + HALF_HOURS) % HALF_HOURS);
  const b = shareOf(store, group, (first + 1) % HALF_HOURS);
  return { log: (1 - f) * a.log + f * b.log, variance: (1 - f) * a.variance + f * b.variance };
}

function shareOf(store: SeriesStore, group: number, halfHour: number): Share {
  const at = group * SHAPE + halfHour;
  const base = atF32(store.shapes, at + HALF_HOURS);
  if (base <= 0) return { log: 0, variance: Number.POSITIVE_INFINITY };
  const count = atF32(store.shapes, at) + 0.5;
  return { log: Math.log(count / base), variance: 1 / count };
}
