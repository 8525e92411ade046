import { isCode } from '../series/code-status.ts';
import type { Episode } from './episode.ts';
import { countZ } from '../evidence/evidence.ts';
import { EXPECTED, groupOfRow, kindOfGroup, RING, rowOf, type SeriesStore, SPREAD, statusOfRow, valueOf } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { recent, SPIKE_LEAST, type Signal } from '../series/signal.ts';

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
  return isOwnCause(store, row, sign, { minute, minutes }, { row: than, observed: worst * expected, expected, without });
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

/** Last minute (since the epoch) of how many. */
interface Minutes {
  readonly minute: number;
  readonly minutes: number;
}

/** True when what was seen of a row is beyond what everybody shows: relative to its own, and of an adverse status also to its traffic, both
 *  the usual and that which came. */
export function isOwnCause(store: SeriesStore, row: number, sign: 1 | -1, when: Minutes, all: Everybody): boolean {
  const own = recent(store, row, when.minute, when.minutes);
  const ratio = all.observed / Math.max(1e-9, all.expected);
  if (sign < 0 && ratio <= LEAST_RATIO) return false;
  const shared =
    sign > 0 ? Math.max(own.expected + usualPart(store, row, all) * (all.observed - all.expected), servedPart(store, row, when, all)) : 0;
  const usual = Math.max(own.expected * ratio, shared);
  const times = own.observed / Math.max(1e-9, usual);
  if (times > 1 / OWN_CAUSE_TIMES && times < OWN_CAUSE_TIMES) return false;
  return sign * countZ(own.observed, usual, Math.max(1, valueOf(store, row, SPREAD))) >= ownCauseZ(store, groupOfRow(row));
}

/** Usual part of everybody's traffic that a group has; of codes nothing is said. */
function usualPart(store: SeriesStore, row: number, { row: other, without = [] }: Everybody): number {
  if (isCode(store, row) || isCode(store, other)) return 0;
  const traffic = (group: number): number => valueOf(store, rowOf(group, ''), EXPECTED);
  const rest = without.reduce((sum, group) => sum - traffic(group), traffic(groupOfRow(other)));
  return Math.min(1, traffic(groupOfRow(row)) / Math.max(1e-9, rest));
}

/** Counts of an adverse row if the transactions that came had ended as everybody's did. More of them than usual are no bad news: a small group
 *  has them by chance, and what fails is tried again; unless so many come that they are reported as growth. */
function servedPart(store: SeriesStore, row: number, { minute, minutes }: Minutes, all: Everybody): number {
  if (isCode(store, row) || isCode(store, all.row)) return 0;
  const totalOf = (group: number): Sum => recent(store, rowOf(group, ''), minute, minutes);
  const own = totalOf(groupOfRow(row));
  if (own.observed >= SETTINGS.spikeRatio * own.expected + SPIKE_LEAST) return 0;
  const rest = (all.without ?? []).reduce((sum, group) => sum - totalOf(group).observed, totalOf(groupOfRow(all.row)).observed);
  return own.observed * Math.min(1, all.observed / Math.max(1, rest));
}

/** Standard deviations that are asked of a group among so many of its kind. */
function ownCauseZ(store: SeriesStore, group: number): number {
  const tries = store.index[kindOfGroup(store, group)].size / FEW_GROUPS;
  return Math.sqrt(OWN_CAUSE_Z ** 2 + 2 * Math.log(Math.max(1, tries)));
}
