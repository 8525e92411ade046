import type { JudgedAnomaly } from '@transaction-guardian/contracts/feedback.ts';
import { scopeOf, type Episode } from '../anomaly/episode.ts';
import { quantileOfNats } from '../series/normal.ts';
import { directionOf, familyOfRow } from '../series/signal.ts';
import {
  atU8,
  GROUP_ROWS,
  groupNamed,
  MINUTE_Z,
  NATS,
  nodeKey,
  type GroupKind,
  type SeriesStore,
  valueOf,
} from '../series/series-store.ts';
import { keyOfNode, type JudgedRows } from '../series/node-key.ts';
import type { SuppressedCause } from './verdict-entry.ts';

/** Gathered evidence below this is everyday. */
const LEAST_NATS = 3;
/** Part of the threshold from which a row counts as a companion of the anomaly. */
const COMPANION_SHARE = 0.4;

/** How far a row deviates in its bad direction, as a normal quantile of its evidence before calibration: what was called
 *  noise soon counts as usual there, and must not shrink what is worse. */
export function sizeOf(store: SeriesStore, row: number): number {
  const minute = directionOf(familyOfRow(store, row)) * valueOf(store, row, MINUTE_Z);
  const nats = valueOf(store, row, NATS);
  return Math.max(0, minute, nats > LEAST_NATS ? quantileOfNats(nats) : 0);
}

/** What `noise` on an open anomaly suppresses: its rows, and whatever else is unusual beside it, in its scope, in the fleet and
 *  in the merchant or acquirer that it names, each at the size that it has now. The first row is the one that it was named after. `thresholds`: by kind of group. */
export function suppressedRowsOf(store: SeriesStore, episode: Episode, thresholds: Float64Array): SuppressedCause['rows'] {
  const sizes = new Map<number, number>();
  const note = (row: number, z: number) => sizes.set(row, Math.max(sizes.get(row) ?? 0, Math.abs(z)));
  note(episode.row, episode.anomaly.peak.z_score);
  for (const { row } of episode.members) note(row, sizeOf(store, row));
  const { merchant_id: merchant, acquirer } = episode.anomaly.slice;
  const scopes = new Set([0, episode.scope, groupNamed(store, 'merchant', merchant), groupNamed(store, 'acquirer', acquirer)]);
  for (let group = 0; group < store.groups; group++) {
    const scope = scopeOf(store, group * GROUP_ROWS);
    if (!scopes.has(scope)) continue;
    const threshold = thresholds[atU8(store.kinds, scope)] ?? Number.POSITIVE_INFINITY;
    for (let row = group * GROUP_ROWS; row < (group + 1) * GROUP_ROWS; row++)
      if (atU8(store.seen, row) === 1 && valueOf(store, row, NATS) >= COMPANION_SHARE * threshold) note(row, sizeOf(store, row));
  }
  return [...sizes].map(([row, z]) => ({ row, z }));
}

/** The same for an anomaly that is over: the row that it was named after, and the rows of its family in the code, the merchant and
 *  the acquirer that it named, at the size of its worst minute. Which others deviated beside it is not known any more. */
export function suppressedRowsOfEnded(
  store: SeriesStore,
  { node, slice, z_score }: Pick<JudgedAnomaly, 'node' | 'slice' | 'z_score'>,
  { kind, id, family }: JudgedRows,
): SuppressedCause['rows'] {
  const key = keyOfNode(node);
  const z = Math.abs(z_score);
  const own = rowsOfGroup(store, kind, id).filter((row) => nodeKey(store, row) === key);
  if (own.length === 0) return [];
  const named = [
    ...rowsOfGroup(store, 'auth_code', slice?.auth_code),
    ...rowsOfGroup(store, 'merchant', slice?.merchant_id),
    ...rowsOfGroup(store, 'acquirer', slice?.acquirer),
  ].filter((row) => !own.includes(row) && atU8(store.seen, row) !== 0 && familyOfRow(store, row) === family);
  return [...own, ...named].map((row) => ({ row, z }));
}

function rowsOfGroup(store: SeriesStore, kind: GroupKind, id: string | undefined): readonly number[] {
  const group = groupNamed(store, kind, id);
  return group === undefined ? [] : Array.from({ length: GROUP_ROWS }, (_, row) => group * GROUP_ROWS + row);
}
