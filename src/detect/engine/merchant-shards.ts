import type { MerchantsElsewhere } from '../series/elsewhere.ts';
import { groupOfRow, type SeriesStore } from '../series/series-store.ts';
import type { PartsMinute } from '../evidence/judge-group.ts';
import type { MinuteCorrection, RowChange } from './correct.ts';
import type { PassedTime } from './pass-groups.ts';
import type { DetectorState } from './state.ts';

/** What shards find in a minute. */
export interface JudgedMerchants {
  /** Rows worth a second look, in row order. */
  readonly candidates: readonly number[];
  /** Scores of the forest that were asked for, by group. */
  readonly scores: readonly (readonly [group: number, score: number])[];
}

/** The merchants of a detector that are judged elsewhere, by ranges of the hash of their ids. What they need of the fleet comes with each
 *  call, and what they teach the classes goes into `store.notes`. Groups and rows are those of the detector's store. Every call throws
 *  DETECT_SHARD_LOST when a shard is gone: the detector is then behind what it has seen, and must be made again from its last
 *  snapshot. */
export interface MerchantShards extends MerchantsElsewhere {
  pass(time: PassedTime): void;
  /** Follows groups that have moved. `places`: new place of every group, -1 for those that are gone. */
  drop(places: Int32Array): void;
  /** Begins to judge `store.counts` in all shards; `finish` waits for what they find. `factor`: weight of the forest by verdicts. */
  begin(minute: PartsMinute, factor: number): void;
  finish(): JudgedMerchants;
  /** Corrects a minute. `named`: merchants whose counts `store.counts` has; those of the others stay, and are put there. Null: it has those
   *  of all. */
  correct(correction: MinuteCorrection, named: ReadonlySet<number> | null): RowChange[];
  /** Gives back all that is borrowed. */
  giveBack(): void;
  /** A store with the columns of everybody, for a snapshot. */
  whole(): SeriesStore;
  /** Series of the merchants of each shard. */
  readonly series: readonly number[];
}

/** Borrows what open anomalies, those that ended a short while ago and verdicts in force are about, and `more` groups. */
export function borrowNeeded(
  { store, anomalies, feedback }: Pick<DetectorState, 'store' | 'anomalies' | 'feedback'>,
  more: Iterable<number> = [],
): void {
  if (store.elsewhere === null) return;
  const groups = new Set<number>(more);
  for (const { scope } of anomalies.closed) groups.add(scope);
  for (const { scope, row, members, apart = [] } of anomalies.open) {
    groups.add(scope);
    for (const one of [row, ...members.map((member) => member.row), ...apart]) groups.add(groupOfRow(one));
  }
  for (const { quiet, moved } of feedback.entries) for (const { row } of [...(quiet?.rows ?? []), ...moved]) groups.add(groupOfRow(row));
  store.elsewhere.borrow(groups);
}

/** Groups of rows. */
export const groupsOf = (rows: readonly number[]): number[] => rows.map(groupOfRow);
