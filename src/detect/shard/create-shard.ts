import { GuardianError } from '../../errors.ts';
import { answersOf } from '../anomaly/merchant-answers.ts';
import { clearGroupRises, resetGroup } from '../anomaly/episode.ts';
import { correctRows, keepUnnamed } from '../engine/correct.ts';
import { passGroups } from '../engine/pass-groups.ts';
import { createPatternScorer, type PatternScorer } from '../engine/pattern-scorer.ts';
import { judgeParts } from '../evidence/judge-minute.ts';
import { clearAllZ } from '../evidence/row-minute.ts';
import { isCurveUnknown } from '../expect/fleet-trend.ts';
import { widenParts } from '../expect/day-variance.ts';
import { fileQuarter } from '../expect/opening-hours.ts';
import { packGroups, seriesOf as seriesOfGroup, unpackGroups } from '../series/group-columns.ts';
import {
  atI32,
  createSeriesStore,
  dropGroups,
  GROUP_ROWS,
  groupOf,
  groupOfRow,
  reserveGroups,
  type SeriesStore,
} from '../series/series-store.ts';
import type { GroupList, ShardCounts, ShardNotes, ShardReply, ShardRequest } from './shard-message.ts';

/** Judges the merchants of one range for a detector. Pure: it does what it is asked, in order. */
export type Shard = (request: ShardRequest) => ShardReply;

/** A shard that has been given its merchants. */
interface Loaded {
  readonly store: SeriesStore;
  readonly scorer: PatternScorer;
  /** Weight of the forest, by verdicts. */
  factor: number;
  /** Group in the detector's store of every group here, and the other way round. The fleet is 0 in both. */
  readonly outer: number[];
  readonly inner: Map<number, number>;
}

/** Makes a shard; the first request must be `load`. */
export function createShard(): Shard {
  let loaded: Loaded | null = null;

  return (request) => {
    if (request.kind === 'load') {
      loaded = load(request);
      return { kind: 'done', series: loaded.store.series };
    }
    if (loaded === null) throw new GuardianError('INTERNAL', `A shard was asked to ${request.kind} before it had merchants.`);
    return answer(loaded, request);
  };
}

function load({ ids, groups, columns, parts, model }: Extract<ShardRequest, { kind: 'load' }>): Loaded {
  const store = createSeriesStore();
  store.parts = parts;
  // Which merchants there are is the detector's to decide.
  store.most = { ...store.most, merchant: Number.POSITIVE_INFINITY };
  reserveGroups(store, ids.length + 1);
  for (const id of ids) groupOf(store, 'merchant', id);
  unpackGroups(
    store,
    ids.map((_id, place) => place + 1),
    columns,
  );
  const outer = [0, ...groups];
  const loaded: Omit<Loaded, 'scorer'> = { store, factor: 1, outer, inner: innerOf(outer) };
  // The fleet is scored by the detector.
  return Object.assign(loaded, { scorer: createPatternScorer({ store, fleetRatio: () => 1, factor: () => loaded.factor }, model) });
}

const innerOf = (outer: readonly number[]): Map<number, number> => new Map(outer.map((group, place) => [group, place]));

function answer(shard: Loaded, request: Exclude<ShardRequest, { kind: 'load' }>): ShardReply {
  const { store } = shard;
  switch (request.kind) {
    case 'judge':
      return judge(shard, request);
    case 'correct':
      return correct(shard, request);
    case 'ask': {
      const answers = answersOf(store, request.question).map(({ group, figures }) => ({ group: shard.outer[group] as number, figures }));
      return { kind: 'answers', answers };
    }
    case 'read':
      return { kind: 'columns', groups: request.groups, columns: packGroups(store, placesOf(shard, request.groups)) };
    case 'read_all': {
      const groups = Int32Array.from(shard.outer.slice(1));
      return { kind: 'columns', groups, columns: packGroups(store, placesOf(shard, groups)) };
    }
    case 'write':
      unpackGroups(store, placesOf(shard, request.groups), request.columns);
      break;
    case 'pass':
      passGroups(store, request.time);
      break;
    case 'drop':
      drop(shard, request.places);
      break;
    case 'act':
      if (request.act === 'clear_z') clearAllZ(store);
      else for (let group = 1; group < store.groups; group++) (request.act === 'clear_sums' ? resetGroup : clearGroupRises)(store, group);
      break;
  }
  return { kind: 'done', series: seriesOf(shard) };
}

/** Series of the merchants: those of the fleet are counted by the detector. */
const seriesOf = ({ store }: Loaded): number => store.series - seriesOfGroup(store, 0);

const placesOf = ({ inner }: Loaded, groups: GroupList): number[] => Array.from(groups, (group) => inner.get(group) as number);

function judge(shard: Loaded, { minute, factor, with: counts }: Extract<ShardRequest, { kind: 'judge' }>): ShardReply {
  const { store, scorer, outer } = shard;
  shard.factor = factor;
  scorer.clear();
  takeCounts(shard, counts);
  if (minute.ended !== null) fileQuarter(store, minute.ended);
  if (minute.dayVariance !== null) widenParts(store, minute.dayVariance, isCurveUnknown(minute.trust));
  const candidates: number[] = [];
  judgeParts(store, minute, { pattern: scorer.nats, candidates });
  const scores = scorer.known().map(([group, score]) => [outer[group] as number, score] as const);
  return {
    kind: 'judged',
    series: seriesOf(shard),
    candidates: candidates.map((row) => outerRow(shard, row)),
    scores,
    notes: notesOf(shard),
  };
}

function correct(shard: Loaded, request: Extract<ShardRequest, { kind: 'correct' }>): ShardReply {
  const { store, inner, scorer } = shard;
  const { correction, keepsOthers, with: counts } = request;
  scorer.clear();
  takeCounts(shard, counts);
  if (keepsOthers) keepUnnamed(store, correction.minute, new Set(placesOf(shard, counts.groups)));
  // The fleet is corrected by the detector.
  const closed = correction.closed.map((one) => ({ ...one, scope: inner.get(one.scope) ?? -1 }));
  const changes = correctRows(store, { ...correction, closed })
    .filter(({ row }) => row >= GROUP_ROWS)
    .flatMap(({ row, change }) => [outerRow(shard, row), change]);
  const groups = keepsOthers ? Int32Array.from(shard.outer.slice(1)) : new Int32Array(0);
  const all = keepsOthers ? store.counts.slice(GROUP_ROWS, store.groups * GROUP_ROWS) : new Float64Array(0);
  return { kind: 'corrected', changes, notes: notesOf(shard), groups, counts: all };
}

const outerRow = ({ outer }: Loaded, row: number): number => (outer[groupOfRow(row)] as number) * GROUP_ROWS + (row % GROUP_ROWS);

function takeCounts(shard: Loaded, { news, groups, counts, fleet, tails, lateness }: ShardCounts): void {
  const { store, outer, inner } = shard;
  for (const [group, id] of news) {
    inner.set(group, groupOf(store, 'merchant', id));
    outer.push(group);
  }
  store.counts.fill(0);
  for (const [place, group] of placesOf(shard, groups).entries())
    store.counts.set(counts.subarray(place * GROUP_ROWS, (place + 1) * GROUP_ROWS), group * GROUP_ROWS);
  unpackGroups(store, [0], fleet);
  store.tails.set(tails);
  store.lateness.set(lateness);
}

/** What was noted since the last time. */
function notesOf(shard: Loaded): ShardNotes {
  const { notes } = shard.store;
  const excursions = notes.excursions.map((value, place) => (place % 3 === 0 ? outerRow(shard, value) : value));
  const lateness = notes.lateness.slice();
  notes.excursions.length = 0;
  notes.lateness.fill(0);
  return { excursions, lateness };
}

function drop(shard: Loaded, places: Int32Array): void {
  const { store, outer, inner } = shard;
  const gone = outer.flatMap((group, place) => (atI32(places, group) < 0 ? [place] : []));
  const moved = dropGroups(store, gone);
  const next: number[] = [];
  for (const [place, group] of outer.entries()) {
    const to = atI32(moved, place);
    if (to >= 0) next[to] = atI32(places, group);
  }
  outer.splice(0, outer.length, ...next);
  inner.clear();
  for (const [place, group] of outer.entries()) inner.set(group, place);
}
