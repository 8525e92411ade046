import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Cell } from '@transaction-guardian/contracts/window.ts';
import { createDetector } from './create-detector.ts';
import type { Detector } from './detector.ts';
import type { Episode } from '../anomaly/episode.ts';
import type { VerdictEntry } from '../feedback/verdict-entry.ts';
import { expireGroups } from './expiry.ts';
import { createSeriesStore, dropGroups, GROUP_ROWS, groupOf, rowOf, stateArrays, type SeriesStore } from '../series/series-store.ts';
import { SETTINGS } from '../series/settings.ts';
import { createState } from './state.ts';
import { MINUTE, START, windowOf, ZONE } from './test-traffic.ts';

const DAY = 1440;

const cellOf = (changes: Partial<Cell>): Cell => ({
  ...{ status: 'approved', auth_code: '', merchant_id: '', acquirer: '', count: 9, amount: 0 },
  ...changes,
});
const ofMerchants = (...names: readonly string[]): Cell[] => names.map((merchant_id) => cellOf({ merchant_id }));

/** A detector that is reported minutes at any distance. */
function createStream() {
  const detector: Detector = createDetector({ timeZone: ZONE });
  let sequence = 0;
  return {
    detector,
    at: (index: number, cells: readonly Cell[]) => detector.step({ ...windowOf(index, cells, 'observed'), sequence: sequence++ }),
    knows: (merchant_id: string): boolean => detector.forecast({ node: '', slice: { merchant_id }, minutes: 1, step: 1 }) !== null,
    knowsCode: (auth_code: string): boolean => detector.forecast({ node: '', slice: { auth_code }, minutes: 1, step: 1 }) !== null,
  };
}

suite('what is gone', () => {
  test('a merchant without a transaction for thirty days is forgotten, and is new when it comes back', () => {
    const { detector, at, knows } = createStream();
    at(0, ofMerchants('m-1', 'm-2', 'm-3'));
    for (let day = 1; day <= 30; day++) at(day * DAY, ofMerchants('m-2', ...(day === 1 ? ['m-3'] : [])));
    const before = detector.seriesCount;
    at(30 * DAY + 60, ofMerchants('m-2'));
    assert.deepEqual([knows('m-1'), knows('m-2'), knows('m-3')], [false, true, true]);
    assert.equal(detector.seriesCount, before - 2);
    at(30 * DAY + 61, ofMerchants('m-1', 'm-2'));
    assert.ok(knows('m-1'));
    assert.equal(detector.seriesCount, before);
  });

  test('a pause of the stream of a year expires nobody', () => {
    const { at, knows } = createStream();
    at(0, ofMerchants('m-1', 'm-2'));
    at(365 * DAY, ofMerchants('m-1'));
    at(365 * DAY + 60, ofMerchants('m-1'));
    assert.ok(knows('m-2'));
  });

  test('of a merchant that never had a handful of transactions nothing is left after a day', () => {
    const { at, knows } = createStream();
    at(0, [...ofMerchants('m-1', 'm-2'), cellOf({ merchant_id: 'once', count: 2 })]);
    at(DAY, [...ofMerchants('m-1')]);
    assert.ok(knows('once'));
    at(DAY + 60, ofMerchants('m-1'));
    assert.deepEqual([knows('once'), knows('m-2')], [false, true]);
  });

  test('late rows of a merchant that was forgotten change nothing but its own count', () => {
    const { detector, at, knows } = createStream();
    at(0, ofMerchants('m-1', 'm-2'));
    for (let day = 1; day <= 31; day++) at(day * DAY, ofMerchants('m-1'));
    assert.ok(!knows('m-2'));
    const series = detector.seriesCount;
    const minute = START + 31 * DAY * MINUTE;
    const late = { ...windowOf(0, ofMerchants('m-1', 'm-2'), 'observed'), minute, revision: 1, partial: true, sequence: 1000 } as const;
    assert.deepEqual(detector.step(late).events, []);
    assert.equal(detector.seriesCount, series);
    at(31 * DAY + 1, ofMerchants('m-1'));
    assert.ok(!knows('m-2'));
  });
});

suite('floods of names', () => {
  const flood = (minute: number, size: number): Cell[] =>
    Array.from({ length: size }, (_, n) => cellOf({ auth_code: `x${minute * size + n}`, status: 'denied', count: 1 }));

  test('a new code with every transaction takes no more room than a thousand codes, and the room comes free again', () => {
    const { detector, at, knowsCode } = createStream();
    at(0, [cellOf({ auth_code: '00' })]);
    const alone = detector.stateBytes;
    let unwatched = 0;
    for (let minute = 1; minute <= 40; minute++) {
      at(minute, [cellOf({ auth_code: '00' }), ...flood(minute, 300)]);
      unwatched += detector.unwatched;
    }
    assert.ok(detector.stateBytes - alone <= SETTINGS.expiry.most.auth_code * (alone / 2), String(detector.stateBytes));
    assert.ok(unwatched > 0);
    at(60, [cellOf({ auth_code: '00' })]);
    at(61, [cellOf({ auth_code: '00' }), cellOf({ auth_code: '91', status: 'failed' })]);
    assert.ok(knowsCode('91') && knowsCode('00'));
    assert.equal(detector.unwatched, 0);
    at(60 + DAY, [cellOf({ auth_code: '00' })]);
    at(120 + DAY, [cellOf({ auth_code: '00' })]);
    assert.ok(detector.stateBytes <= 2 * alone);
  });

  test('a flood that fills every place is gone when its names have been idle for some minutes, and its memory with it', () => {
    const { detector, at, knowsCode } = createStream();
    const regular = (): Cell[] => [cellOf({ auth_code: '00' }), cellOf({ auth_code: '05', count: 5 })];
    at(0, regular());
    const alone = detector.stateBytes;
    at(1, [...regular(), ...flood(1, 2 * SETTINGS.expiry.most.auth_code)]);
    for (let minute = 2; minute <= 10; minute++) at(minute, regular());
    assert.ok(detector.stateBytes > 100 * alone, 'names that were just heard stay');
    for (let minute = 11; minute <= 20; minute++) at(minute, regular());
    assert.ok(detector.stateBytes <= 2 * alone, String(detector.stateBytes));
    assert.ok(knowsCode('00') && knowsCode('05'));
  });

  test('how many merchants are watched is a setting, also of a state that had more', () => {
    const step = (detector: Detector, index: number, merchants: number): void => {
      const cells = Array.from({ length: merchants }, (_, n) => cellOf({ merchant_id: `m-${n}` }));
      detector.step({ ...windowOf(index, cells, 'observed'), sequence: index });
    };
    const wide = createDetector({ timeZone: ZONE, merchantsMost: 8 });
    step(wide, 1, 10);
    assert.equal(wide.unwatched, 2);
    const narrow = createDetector({ timeZone: ZONE, merchantsMost: 4 }, wide.snapshot());
    step(narrow, 2, 10);
    assert.equal(narrow.unwatched, 2, 'those that were just heard stay');
    for (const index of [3, 2 * DAY]) step(narrow, index, 3);
    step(narrow, 2 * DAY + 1, 10);
    assert.equal(narrow.unwatched, 6);
  });

  test('what there is no room for counts in the fleet', () => {
    const { detector, at } = createStream();
    at(0, [cellOf({ auth_code: '00' })]);
    const { scores } = at(1, flood(1, 2 * SETTINGS.expiry.most.auth_code));
    assert.equal(scores.find(({ node }) => node === 'status:denied')?.observed, 2 * SETTINGS.expiry.most.auth_code);
    assert.equal(detector.unwatched, SETTINGS.expiry.most.auth_code + 1);
  });
});

/** A store with these merchants, each of which was idle for so many days. */
function storeOf(idleDays: readonly number[]): SeriesStore {
  const store = createSeriesStore();
  store.clock = 100 * DAY;
  idleDays.forEach((days, n) => {
    const group = groupOf(store, 'merchant', `m-${n}`);
    store.heardAt[group] = store.clock - days * DAY;
    store.heard[group] = 100;
  });
  return store;
}

const NOW = START / MINUTE;

suite('places that are used again', () => {
  test('nothing of the old one is left in any array', () => {
    const store = createSeriesStore();
    for (const id of ['a', 'b', 'c', 'd']) groupOf(store, 'merchant', id);
    for (const array of stateArrays(store, store.groups)) array.fill(7);
    store.kinds.fill(2, 0, store.groups);
    store.kinds[0] = 0;
    dropGroups(store, [1, 3]);
    assert.deepEqual(store.ids, ['', 'd', 'b']);
    const place = groupOf(store, 'merchant', 'new');
    const fresh = createSeriesStore();
    groupOf(fresh, 'merchant', 'new');
    const partOf = (of: SeriesStore, group: number) =>
      stateArrays(of, of.groups).map((array) => [
        ...array.subarray((array.length / of.groups) * group).subarray(0, array.length / of.groups),
      ]);
    assert.deepEqual(partOf(store, place), partOf(fresh, 1));
    assert.deepEqual(new Set(partOf(store, 1).flat()), new Set([7, 2]), 'the one that moved took everything along');
  });

  test('memory is given back when most are gone', () => {
    const store = createSeriesStore();
    for (let n = 0; n < 1000; n++) groupOf(store, 'merchant', `m-${n}`);
    dropGroups(
      store,
      Array.from({ length: 990 }, (_, n) => n + 1),
    );
    assert.ok(store.kinds.length < 50, String(store.kinds.length));
    assert.deepEqual(
      [...store.index.merchant],
      [...store.ids.entries()].slice(1).map(([group, id]) => [id, group]),
    );
  });

  test('a merchant with an open anomaly stays until it has ended, and the anomaly follows it to its new place', () => {
    const state = createState();
    Object.assign(state, { store: storeOf([40, 0, 40]) });
    const { store, anomalies } = state;
    const row = rowOf(3, 'denied');
    anomalies.open.push({ scope: 3, row, members: [{ row }] } as unknown as Episode);
    anomalies.closed.push({ scope: 1, family: 'denial', minute: NOW }, { scope: 2, family: 'denial', minute: NOW });
    expireGroups(state, NOW - 60, NOW);
    assert.deepEqual(store.ids, ['', 'm-2', 'm-1']);
    assert.deepEqual(anomalies.open, [{ scope: 1, row: rowOf(1, 'denied'), members: [{ row: rowOf(1, 'denied') }] }]);
    assert.deepEqual(anomalies.closed, [{ scope: 2, family: 'denial', minute: NOW }]);
    anomalies.open.pop();
    expireGroups(state, NOW, NOW + 60);
    assert.deepEqual(store.ids, ['', 'm-1']);
  });

  test('a verdict that keeps a cause quiet holds its merchant for that time; its threshold is kept by name for ever', () => {
    const state = createState();
    Object.assign(state, { store: storeOf([40, 40, 0]) });
    const { store, feedback } = state;
    const verdict = (minute: number, merchant: number) =>
      ({
        ...{ kind: 'merchant', id: `m-${merchant}`, family: 'denial', verdict: 'noise', minute, moved: [] },
        quiet: { rows: [{ row: (merchant + 1) * GROUP_ROWS + 2, z: 5 }], since: minute, last: minute, isJudged: false, minutes: 3 },
      }) as unknown as VerdictEntry;
    feedback.entries.push(verdict(NOW - 8 * DAY, 0), verdict(NOW - DAY, 1), verdict(NOW - DAY, 2));
    expireGroups(state, NOW - 60, NOW);
    assert.deepEqual(store.ids, ['', 'm-2', 'm-1']);
    assert.deepEqual(
      feedback.entries.map(({ id, quiet }) => [id, quiet?.rows.map(({ row }) => row)]),
      [
        ['m-0', []],
        ['m-1', [2 * GROUP_ROWS + 2]],
        ['m-2', [GROUP_ROWS + 2]],
      ],
    );
  });
});
