import type { Status } from '@transaction-guardian/contracts/status.ts';
import type { LifecycleMinute } from '../anomaly/lifecycle-minute.ts';
import { at, atU8, GROUP_ROWS, groupOfRow, NATS, rowOf, type SeriesStore, SLOW_NATS, valueOf } from '../series/series-store.ts';
import { familyOfStatus } from '../series/signal.ts';
import { warnedStatuses, type Family } from '../series/status-table.ts';
import { sustainedRiseOf } from '../evidence/sustained-rise.ts';
import { riseCrossing, riseStrength } from './rise-crossing.ts';
import { DRIFT_MINUTES, shareAtEnd, type Crossing } from './crossing.ts';
import { fallCrossing } from './fall-crossing.ts';

/** A row that is heading for its threshold. */
export interface Drift {
  readonly row: number;
  readonly crossing: Crossing;
}

/** Families of an adverse status that are warned of. */
export const WATCHED_FAMILIES = ['volume', 'denial', 'failure'] as const;
/** Watched statuses of the fleet and of acquirers; '' is the total. Of a volume only the evidence of the slow level is watched:
 *  the other evidence jumps. */
const OF_FLEET: readonly (Status | '')[] = ['', ...warnedStatuses('fleet')];
const OF_ACQUIRER = warnedStatuses('acquirer');
/** Rows of the fleet's volume. */
const VOLUME_ROWS = 2;
/** Least evidence of a rise, as a share of the threshold: of the fleet, and of acquirers, which are many and less regular. */
const FLEET_SHARE = 0.7;
const ACQUIRER_SHARE = 0.8;
/** Part of the fleet's excess that an acquirer must have to be named (Adtributor, Bhagwan et al., NSDI 2014). */
const PART_SHARE = 2 / 3;
/** Evidence from which a rise is looked at, as a share of the threshold: the first minutes of one count for less. */
const LOOK_SHARE = 0.25;
const FLEET = 0;

/** Evidence of a slow fall of the fleet's total and of its approved ones over the last minutes, as shares of the threshold, oldest
 *  first. */
export const createShares = (): Float64Array => new Float64Array(VOLUME_ROWS * DRIFT_MINUTES);

/** Adds a minute to the shares; a silent one has no evidence. */
export function noteShares(shares: Float64Array, store: SeriesStore, minute: LifecycleMinute): void {
  shares.copyWithin(0, 1);
  const threshold = at(minute.thresholds, FLEET);
  for (let row = 0; row < VOLUME_ROWS; row++) {
    const isKnown = minute.window.state !== 'silent' && atU8(store.seen, row) === 1;
    shares[(row + 1) * DRIFT_MINUTES - 1] = isKnown ? Math.min(valueOf(store, row, NATS), valueOf(store, row, SLOW_NATS)) / threshold : 0;
  }
}

/** The strongest drift of a family, null when there is none: of the fleet, or of an acquirer where the fleet does not drift or
 *  most of what it drifts by is there. */
export function findDrift(shares: Float64Array, store: SeriesStore, family: Family, minute: LifecycleMinute): Drift | null {
  const own = strongest(shares, store, rowsOf(FLEET, OF_FLEET, family), minute, FLEET_SHARE);
  const groups = [...store.index.acquirer.values()];
  const parts = groups.flatMap((group) => rowsOf(group, OF_ACQUIRER, family));
  if (own === null) return strongest(shares, store, parts, minute, ACQUIRER_SHARE);
  if (own.row < VOLUME_ROWS) return own;
  const most = PART_SHARE * riseExcess(store, own.row);
  const part = parts.find((row) => row % GROUP_ROWS === own.row && atU8(store.seen, row) === 1 && riseExcess(store, row) >= most);
  if (part === undefined) return own;
  return { row: part, crossing: { ...own.crossing, strength: strengthNow(shares, store, part, minute) } };
}

const rowsOf = (group: number, statuses: readonly (Status | '')[], family: Family): number[] =>
  statuses.filter((status) => familyOfStatus(status) === family).map((status) => rowOf(group, status));

function strongest(
  shares: Float64Array,
  store: SeriesStore,
  rows: readonly number[],
  minute: LifecycleMinute,
  leastShare: number,
): Drift | null {
  let best: Drift | null = null;
  for (const row of rows) {
    const crossing = crossingNow(shares, store, row, minute, leastShare);
    if (crossing !== null && crossing.strength > (best?.crossing.strength ?? 0)) best = { row, crossing };
  }
  return best;
}

/** When a watched row crosses its threshold; null unless it drifts towards it. `leastShare`: least evidence of a rise, as a share of
 *  the threshold. */
export function crossingNow(
  shares: Float64Array,
  store: SeriesStore,
  row: number,
  minute: LifecycleMinute,
  leastShare = FLEET_SHARE,
): Crossing | null {
  const threshold = thresholdOf(store, row, minute);
  if (row < VOLUME_ROWS) return fallCrossing(shares, row * DRIFT_MINUTES, store, row, threshold);
  if (atU8(store.seen, row) === 0 || valueOf(store, row, SLOW_NATS) < LOOK_SHARE * threshold) return null;
  return riseCrossing(store, row, threshold, leastShare);
}

/** What the drift of a watched row is worth now, as a share of the threshold. */
export function strengthNow(shares: Float64Array, store: SeriesStore, row: number, minute: LifecycleMinute): number {
  return row < VOLUME_ROWS ? shareAtEnd(shares, row * DRIFT_MINUTES) : riseStrength(store, row, thresholdOf(store, row, minute));
}

/** What a rise has had a minute beyond the usual, since it began. */
function riseExcess(store: SeriesStore, row: number): number {
  const { observed, expected, weight } = sustainedRiseOf(store, row);
  return (observed - expected) / Math.max(1, weight);
}

const thresholdOf = (store: SeriesStore, row: number, minute: LifecycleMinute): number =>
  at(minute.thresholds, atU8(store.kinds, groupOfRow(row)));
