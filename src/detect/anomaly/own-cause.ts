import { isCode } from '../series/code-status.ts';
import type { Episode } from './episode.ts';
import { countZ } from '../evidence/evidence.ts';
import { EXPECTED, groupOfRow, kindOfGroup, RING, rowOf, type SeriesStore, SPREAD, statusOfRow, valueOf } from '../series/series-store.ts';
import { recent, type Signal } from '../series/signal.ts';

/** A row that is twice as bad as another, beyond this many standard deviations, has a cause of its own. */
export const OWN_CAUSE_Z = 4;
export const OWN_CAUSE_TIMES = 2;
/** Groups of a kind above which chance has so many tries that more is asked of each (Bonferroni: `ln n` nats). */
const FEW_GROUPS = 100;
/** Of less than this no part can fall short. */
const LEAST_RATIO = 0.02;

/** What a row is compared with: an open anomaly of the other row, whose worst counts as well, and groups that are no part of it. */
interface Comparison {
  readonly episode?: Episode;
  readonly without?: readonly number[];
}

/** True when a row is clearly worse than another one in the minutes of its signal, and than that one is now or ever was in an open
 *  anomaly. */
export function isWorseThan(
  store: SeriesStore,
  { row, family, run }: Signal,
  than: number,
  minute: number,
  { episode, without = [] }: Comparison = {},
): boolean {
  const minutes = Math.min(run, RING);
  const sign = family === 'volume' ? -1 : 1;
  const restOf = (length: number): Sum => {
    const { observed, expected } = recent(store, than, minute, length);
    const others = without.map((group) => recent(store, rowOf(group, statusOfRow(than)), minute, length));
    const left = (key: keyof Sum, all: number): number =>
      Math.max(
        0,
        others.reduce((sum, other) => sum - other[key], all),
      );
    return { observed: left('observed', observed), expected: left('expected', expected) };
  };
  const { observed, expected } = restOf(minutes);
  const ratioOf = (sum: Sum): number => sum.observed / Math.max(1e-9, sum.expected);
  const ratios = [ratioOf({ observed, expected }), ratioOf(restOf(1))];
  if (episode?.row === than && episode.anomaly.peak.expected > 0) ratios.push(ratioOf(episode.anomaly.peak));
  const worst = sign > 0 ? Math.max(...ratios) : Math.min(...ratios);
  return isOwnCause(store, row, sign, recent(store, row, minute, minutes), { row: than, observed: worst * expected, expected, without });
}

interface Sum {
  readonly observed: number;
  readonly expected: number;
}

/** What everybody shows in a row. `without`: groups that are not in it. */
interface Everybody extends Sum {
  readonly row: number;
  readonly without?: readonly number[];
}

/** True when what was seen of a row is beyond what everybody shows: relative to its own, and of an adverse status also to its traffic. */
export function isOwnCause(store: SeriesStore, row: number, sign: 1 | -1, own: Sum, all: Everybody): boolean {
  const ratio = all.observed / Math.max(1e-9, all.expected);
  if (sign < 0 && ratio <= LEAST_RATIO) return false;
  const traffic = (group: number): number => valueOf(store, rowOf(group, ''), EXPECTED);
  const rest = (all.without ?? []).reduce((sum, group) => sum - traffic(group), traffic(groupOfRow(all.row)));
  const part = isCode(store, row) || isCode(store, all.row) ? 0 : Math.min(1, traffic(groupOfRow(row)) / Math.max(1e-9, rest));
  const shared = sign > 0 ? own.expected + part * (all.observed - all.expected) : 0;
  const usual = Math.max(own.expected * ratio, shared);
  const times = own.observed / Math.max(1e-9, usual);
  if (times > 1 / OWN_CAUSE_TIMES && times < OWN_CAUSE_TIMES) return false;
  return sign * countZ(own.observed, usual, Math.max(1, valueOf(store, row, SPREAD))) >= ownCauseZ(store, groupOfRow(row));
}

/** Standard deviations that are asked of a group among so many of its kind. */
function ownCauseZ(store: SeriesStore, group: number): number {
  const tries = store.index[kindOfGroup(store, group)].size / FEW_GROUPS;
  return Math.sqrt(OWN_CAUSE_Z ** 2 + 2 * Math.log(Math.max(1, tries)));
}
