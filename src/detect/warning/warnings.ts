import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { LifeMinute } from '../describe.ts';
import type { Life, Stamp } from '../life.ts';
import { at, atU8, NATS, type SeriesStore, SLOW_NATS, valueOf } from '../series-store.ts';
import { crossingOf, DRIFT_MINUTES, shareAtEnd, type Crossing } from './crossing.ts';
import { endWarning, openWarning, refreshWarning } from './warning-anomaly.ts';

/** A warning that stands. Plain data. */
export interface OpenWarning {
  readonly row: number;
  /** Minute number of the opening, and share of the bar then. */
  readonly opened: number;
  readonly share: number;
  readonly anomaly: Anomaly;
}

/** What the warnings of a detector remember: the evidence of a slow fall of the fleet's total and approved ones over the
 *  last minutes, as shares of the bar, oldest first; what stands; and the minute up to which they rest. */
export interface Warnings {
  readonly shares: Float64Array;
  open: OpenWarning | null;
  rest: number;
}

/** The total and the approved ones, and of these only what the slow level tells. Other evidence jumps: what looks like a
 *  drift there is chance as often as not (measured on clean streams). */
const ROWS = 2;
/** Part of the share at the opening below which the drift has stopped. */
const STOPPED = 0.6;
/** A warning that nothing followed ends after so many minutes. */
const LONGEST_MINUTES = 90;
/** After a warning or an anomaly of the fleet no other one is given for so long. */
const REST_MINUTES = 30;
const UPDATE_MINUTES = 5;

export const createWarnings = (): Warnings => ({ shares: new Float64Array(ROWS * DRIFT_MINUTES), open: null, rest: 0 });

/** Follows the evidence of the fleet's volume through a minute: warns when a steady drift will reach the bar soon, and
 *  withdraws the warning when the drift stops or an anomaly of the fleet opens. Changes nothing else. */
export function followWarnings(warnings: Warnings, store: SeriesStore, life: Life, minute: LifeMinute, stamp: Stamp): AnomalyEvent[] {
  noteShares(warnings, store, minute);
  const isBroken = life.open.some((episode) => episode.scope === 0);
  if (isBroken) warnings.rest = minute.number + REST_MINUTES;
  const told = warnings.open === null ? null : followOne(warnings, warnings.open, store, life, minute, isBroken);
  const event = told ?? (isBroken ? null : warn(warnings, store, life, minute, stamp));
  return event === null ? [] : [{ v: 1, event: event.kind, sequence: minute.window.sequence, anomaly: structuredClone(event.anomaly) }];
}

interface Told {
  readonly kind: AnomalyEvent['event'];
  readonly anomaly: Anomaly;
}

function noteShares({ shares }: Warnings, store: SeriesStore, minute: LifeMinute): void {
  shares.copyWithin(0, 1);
  const bar = at(minute.bars, 0);
  for (let row = 0; row < ROWS; row++) {
    const isKnown = minute.window.state !== 'silent' && atU8(store.seen, row) === 1;
    shares[(row + 1) * DRIFT_MINUTES - 1] = isKnown ? Math.min(valueOf(store, row, NATS), valueOf(store, row, SLOW_NATS)) / bar : 0;
  }
}

function followOne(
  warnings: Warnings,
  warning: OpenWarning,
  store: SeriesStore,
  life: Life,
  minute: LifeMinute,
  isBroken: boolean,
): Told | null {
  const from = warning.row * DRIFT_MINUTES;
  const age = minute.number - warning.opened;
  const { anomaly } = warning;
  if (isBroken || age >= LONGEST_MINUTES || shareAtEnd(warnings.shares, from) < STOPPED * warning.share) {
    const isConfirmed = life.open.some((episode) => episode.scope === 0 && episode.family === 'volume');
    endWarning(anomaly, minute, isConfirmed ? 'drift_opened' : 'drift_stopped');
    warnings.open = null;
    warnings.rest = minute.number + REST_MINUTES;
    return { kind: 'resolved', anomaly };
  }
  if (age % UPDATE_MINUTES !== 0) return null;
  refreshWarning(anomaly, store, warning.row, crossingOf(warnings.shares, from), minute);
  return { kind: 'updated', anomaly };
}

/** Warns of the stronger drift, unless a fall of the volume of a part of the fleet is told already. */
function warn(warnings: Warnings, store: SeriesStore, life: Life, minute: LifeMinute, stamp: Stamp): Told | null {
  if (warnings.open !== null || minute.number < warnings.rest || life.open.some(({ family }) => family === 'volume')) return null;
  let best: { readonly row: number; readonly crossing: Crossing } | null = null;
  for (let row = 0; row < ROWS; row++) {
    const crossing = crossingOf(warnings.shares, row * DRIFT_MINUTES);
    if (crossing !== null && crossing.share > (best?.crossing.share ?? 0)) best = { row, crossing };
  }
  if (best === null) return null;
  const anomaly = openWarning(store, best.row, best.crossing, minute, stamp);
  warnings.open = { row: best.row, opened: minute.number, share: best.crossing.share, anomaly };
  return { kind: 'opened', anomaly };
}
