import { correctZ } from '../evidence/row-minute.ts';
import { correctToll } from '../anomaly/damage.ts';
import { acceptMember } from '../anomaly/episode.ts';
import { ratioNats } from '../evidence/evidence.ts';
import { mostOfMinute, noteLateness } from '../series/lateness.ts';
import { clip, correctLevels } from '../series/level.ts';
import {
  at,
  atF32,
  atU16,
  atU8,
  EXPECTED,
  GROUP_ROWS,
  groupOfRow,
  isHere,
  kindOfGroup,
  RING,
  ringSlot,
  rowOf,
  type SeriesStore,
  SPREAD,
  STRIDE,
  SUMS,
  UP,
  WEIGHT,
} from '../series/series-store.ts';
import type { OpenAnomalies } from '../anomaly/open-anomalies.ts';
import { correctRise } from '../evidence/sustained-rise.ts';
import { DOWN_RATIOS, ADVERSE_RATIOS, UP_RATIOS } from '../series/settings.ts';

/** Ratios of the sums of a volume, in their order. */
const VOLUME_RATIOS = [...UP_RATIOS, ...DOWN_RATIOS];

/** A row whose count of a minute changed, and by how much. */
export interface RowChange {
  readonly row: number;
  readonly change: number;
}

/** A correction of a minute that was learnt. `minute`: since the epoch; `age`: minutes since, below `RING`; `closed`: anomalies that ended
 *  a short while ago. */
export interface MinuteCorrection {
  readonly minute: number;
  readonly age: number;
  readonly closed: readonly { readonly scope: number; readonly minute: number }[];
}

/** Takes a correction into the groups of this store: levels and sequential sums get the difference, nothing is learnt twice.
 *  `store.counts` has the corrected counts. Returns what changed, in row order. */
export function correctRows(store: SeriesStore, { minute, age, closed }: MinuteCorrection): RowChange[] {
  const slot = ringSlot(minute);
  const changes: RowChange[] = [];
  for (let row = 0; row < store.groups * GROUP_ROWS; row++) {
    if (!isHere(store, groupOfRow(row))) continue;
    const before = atF32(store.ring, row * RING + slot);
    const count = at(store.counts, row);
    store.ring[row * RING + slot] = count;
    const change = count - before;
    if (before < 0 || change === 0 || atU8(store.seen, row) === 0) continue;
    if (row % GROUP_ROWS < 2) noteLateness(store, row, before, count);
    correctRow(store, row, { before, count, minute, age, isVoid: isOver(store, closed, row, minute) });
    changes.push({ row, change });
  }
  return changes;
}

/** Gives the open anomalies their part of what changed. */
export function correctEpisodes({ open }: OpenAnomalies, changes: readonly RowChange[], minute: number, age: number): void {
  for (const { row, change } of changes) {
    for (const episode of open) {
      if (row === rowOf(episode.scope, 'approved')) episode.lost -= change;
      correctToll(episode, row, change, minute);
      if (episode.period?.row === row && minute >= episode.period.from) episode.period.observed += change;
      for (const member of episode.members) if (member.row === row) acceptMember(member, change, age);
    }
  }
}

/** Puts into `store.counts`, which has the cells of a partial correction, what the ring has of the merchants that it does
 *  not name: they did not change. `minute`: since the epoch; `named`: groups. */
export function keepUnnamed(store: SeriesStore, minute: number, named: ReadonlySet<number>): void {
  const slot = ringSlot(minute);
  for (const group of store.index.merchant.values()) {
    if (named.has(group) || !isHere(store, group)) continue;
    const first = group * GROUP_ROWS;
    for (let row = first; row < first + GROUP_ROWS; row++) store.counts[row] = atF32(store.ring, row * RING + slot);
  }
}

/** A count that was corrected. `isVoid`: the evidence of its minute was cleared with an anomaly. */
interface Correction {
  readonly before: number;
  readonly count: number;
  readonly minute: number;
  readonly age: number;
  readonly isVoid: boolean;
}

/** True for a minute of an anomaly that has ended: what it gathered in the row was cleared (`closeEpisode`). */
function isOver(store: SeriesStore, closed: MinuteCorrection['closed'], row: number, minute: number): boolean {
  const group = groupOfRow(row);
  const isPart = kindOfGroup(store, group) === 'merchant';
  return closed.some(({ scope, minute: end }) => minute <= end && (scope === 0 || scope === group || !isPart));
}

function correctRow(store: SeriesStore, row: number, { before, count, minute, age, isVoid }: Correction): void {
  const f = store.values;
  const o = row * STRIDE;
  const group = groupOfRow(row);
  const mean = at(f, o + EXPECTED);
  const spread = Math.max(1, at(f, o + SPREAD));
  if (atU8(store.frozen, group) === 0 && atU8(store.frozen, 0) === 0) {
    const sd = Math.sqrt(mean * spread);
    // Only of the last minute it is known how far it was believed.
    const weight = age === 0 ? at(f, o + WEIGHT) : 1;
    const change = clip(count, mean, sd) - weight * clip(before, mean, sd) - (1 - weight) * mean;
    correctLevels(f, o, change);
  }
  correctZ(f, o, count, age);
  const change = { change: count - before, minute, age, isVoid };
  const isAdverse = row % GROUP_ROWS >= 2 || (kindOfGroup(store, group) === 'auth_code' && atU8(store.healthy, group) === 0);
  const ratios = isAdverse ? ADVERSE_RATIOS : VOLUME_RATIOS;
  if (row % GROUP_ROWS >= 2) correctRise(store, row, count - before, age);
  ratios.forEach((ratio, sum) => correctSum(store, row, sum, ratio, change));
}

/** Puts a sequential sum right. A running excursion that has the minute in it gets the difference; any other is gathered
 *  again from the minute on, since the sum was zero then or later, unless the minute is void. */
function correctSum(
  store: SeriesStore,
  row: number,
  sum: number,
  ratio: number,
  { change, minute, age, isVoid }: { readonly change: number } & Pick<Correction, 'minute' | 'age' | 'isVoid'>,
): void {
  const f = store.values;
  const o = row * STRIDE;
  const spread = Math.max(1, at(f, o + SPREAD));
  const cell = o + UP + sum;
  if (atU16(store.runs, row * SUMS + sum) > age) {
    f[cell] = Math.max(0, at(f, cell) + (change * Math.log(ratio)) / spread);
    if (at(f, cell) === 0) store.runs[row * SUMS + sum] = store.masses[row * SUMS + sum] = 0;
    return;
  }
  if (isVoid) return;
  const expected = at(f, o + EXPECTED);
  let [nats, run] = [0, 0];
  for (let back = age; back >= 0; back--) {
    const count = atF32(store.ring, row * RING + ringSlot(minute + age - back));
    if (count < 0) continue;
    const most = ratio < 1 ? mostOfMinute(store, row, count, expected) : Number.POSITIVE_INFINITY;
    nats += Math.min(most, ratioNats(count, expected, spread, ratio));
    run = nats > 0 ? run + 1 : 0;
    nats = Math.max(0, nats);
  }
  f[cell] = nats;
  store.runs[row * SUMS + sum] = run;
  store.masses[row * SUMS + sum] = run * expected;
}
