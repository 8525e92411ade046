import type { MerchantShards } from '../engine/merchant-shards.ts';
import type { RowChange } from '../engine/correct.ts';
import type { LoadedModel } from '../forest/model.ts';
import type { MerchantAnswer } from '../series/elsewhere.ts';
import { packGroups, seriesOf, unpackGroups } from '../series/group-columns.ts';
import { at, atU8, copyOfColumns, GROUP_ROWS, MERCHANT, resize, type SeriesStore } from '../series/series-store.ts';
import { createShardExchange } from './shard-exchange.ts';
import type { ShardCounts, ShardLink, ShardNotes } from './shard-message.ts';
import { shardOf } from './shard-of.ts';

/** Hands the merchants of a store over to shards, one for each link; from then on the store has only their names, their counts and when they
 *  were last heard. Which shard has a merchant depends on its id alone, so that any number of shards goes on from the same state. */
export function createShards(store: SeriesStore, links: readonly ShardLink[], model: LoadedModel): MerchantShards {
  /** Shard of every group, -1 for those that are here. */
  let homes: number[] = [];
  const borrowed = new Set<number>();
  const { sendAll, receiveAll, tellAll, exchange, series } = createShardExchange(links);

  const homeOf = (group: number): number => (atU8(store.kinds, group) === MERCHANT ? shardOf(store.ids[group] ?? '', links.length) : -1);
  const findHomes = (): void => void (homes = Array.from({ length: store.groups }, (_, group) => homeOf(group)));

  /** Groups by their shard. */
  function byHome(groups: Iterable<number>): number[][] {
    const lists: number[][] = links.map(() => []);
    for (const group of groups) lists[homes[group] ?? -1]?.push(group);
    return lists;
  }

  function borrow(groups: Iterable<number>): void {
    const wanted = [...new Set(groups)].filter((group) => (homes[group] ?? -1) >= 0 && !borrowed.has(group));
    for (const reply of exchange(byHome(wanted), 'columns', (of) => ({ kind: 'read', groups: of })))
      unpackGroups(store, reply.groups, reply.columns);
    for (const group of wanted) borrowed.add(group);
  }

  /** Brings the shards up to date with what is borrowed, which stays here. */
  function writeBack(): void {
    exchange(byHome(borrowed), 'done', (groups) => ({ kind: 'write', groups, columns: packGroups(store, groups) }));
  }

  function giveBack(): void {
    if (borrowed.size === 0) return;
    writeBack();
    for (const group of borrowed) leave(store, group);
    borrowed.clear();
  }

  /** The counts of a minute for every shard. `named`: merchants to tell; null: those with counts. */
  function countsOf(named: ReadonlySet<number> | null): ShardCounts[] {
    const known = homes.length;
    for (let group = known; group < store.groups; group++) homes.push(homeOf(group));
    const fleet = packGroups(store, [0]);
    const told: number[] = [];
    for (let group = 0; group < store.groups; group++) {
      if ((homes[group] ?? -1) >= 0 && (named === null ? at(store.counts, group * GROUP_ROWS) > 0 : named.has(group))) told.push(group);
    }
    const news = byHome(Array.from({ length: store.groups - known }, (_, place) => known + place));
    return byHome(told).map((groups, shard) => {
      const counts = new Float64Array(groups.length * GROUP_ROWS);
      for (const [place, group] of groups.entries())
        counts.set(store.counts.subarray(group * GROUP_ROWS, (group + 1) * GROUP_ROWS), place * GROUP_ROWS);
      const names = (news[shard] ?? []).map((group) => [group, store.ids[group] ?? ''] as const);
      return { news: names, groups: Int32Array.from(groups), counts, fleet, tails: store.tails, lateness: store.lateness };
    });
  }

  function load(): void {
    findHomes();
    const lists = byHome(homes.keys());
    tellAll((shard) => {
      const groups = lists[shard] ?? [];
      const ids = groups.map((group) => store.ids[group] ?? '');
      return { kind: 'load', model, parts: store.parts, ids, groups: Int32Array.from(groups), columns: packGroups(store, groups) };
    });
  }

  const shards: MerchantShards = {
    has: (group) => borrowed.has(group),
    borrow,
    giveBack,
    act: (act) => tellAll(() => ({ kind: 'act', act })),
    ask(question) {
      writeBack();
      sendAll(() => ({ kind: 'ask', question }));
      const answers: MerchantAnswer[] = receiveAll('answers').flatMap((reply) => reply.answers);
      return answers.sort((a, b) => a.group - b.group);
    },
    pass: (time) => tellAll(() => ({ kind: 'pass', time })),
    drop(places) {
      tellAll(() => ({ kind: 'drop', places }));
      findHomes();
    },
    begin(minute, factor) {
      const counts = countsOf(null);
      sendAll((shard) => ({ kind: 'judge', minute, factor, with: counts[shard] as ShardCounts }));
    },
    finish() {
      const judged = receiveAll('judged');
      takeNotes(
        store,
        judged.map(({ notes }) => notes),
      );
      return {
        candidates: judged.flatMap(({ candidates }) => candidates).sort((a, b) => a - b),
        scores: judged.flatMap(({ scores }) => scores),
      };
    },
    correct(correction, named) {
      const counts = countsOf(named);
      sendAll((shard) => ({ kind: 'correct', correction, keepsOthers: named !== null, with: counts[shard] as ShardCounts }));
      const corrected = receiveAll('corrected');
      takeNotes(
        store,
        corrected.map(({ notes }) => notes),
      );
      for (const { groups, counts: all } of corrected) {
        for (const [place, group] of groups.entries())
          store.counts.set(all.subarray(place * GROUP_ROWS, (place + 1) * GROUP_ROWS), group * GROUP_ROWS);
      }
      return corrected.flatMap(({ changes }) => pairsOf(changes));
    },
    whole() {
      giveBack();
      const whole = copyOfColumns(store);
      sendAll(() => ({ kind: 'read_all' }));
      for (const { groups, columns } of receiveAll('columns')) unpackGroups(whole, groups, columns);
      return whole;
    },
    series,
  };

  load();
  store.elsewhere = shards;
  for (let group = 0; group < store.groups; group++) if ((homes[group] ?? -1) >= 0) leave(store, group);
  resize(store, store.groups);
  return shards;
}

/** Puts what all shards noted together, in the order of the rows. */
function takeNotes(store: SeriesStore, all: readonly ShardNotes[]): void {
  const { excursions, lateness } = store.notes;
  const notes = all.flatMap((one) => triplesOf(one.excursions)).sort((a, b) => a[0] - b[0]);
  for (const note of notes) excursions.push(...note);
  for (const one of all)
    for (let place = 0; place < lateness.length; place++) lateness[place] = at(lateness, place) + at(one.lateness, place);
}

/** A merchant whose columns are not here any more has no series here. */
function leave(store: SeriesStore, group: number): void {
  store.series -= seriesOf(store, group);
  store.seen.fill(0, group * GROUP_ROWS, (group + 1) * GROUP_ROWS);
}

const triplesOf = (numbers: readonly number[]): [number, number, number][] =>
  Array.from({ length: numbers.length / 3 }, (_, n) => numbers.slice(3 * n, 3 * n + 3) as [number, number, number]);

const pairsOf = (numbers: readonly number[]): RowChange[] =>
  Array.from({ length: numbers.length / 2 }, (_, n) => ({ row: numbers[2 * n] as number, change: numbers[2 * n + 1] as number }));
