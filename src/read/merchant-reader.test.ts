import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { MINUTE_MS } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { createMerchantHour, MERCHANT_COUNTS } from './merchant-hour.ts';
import { createMerchantReader } from './merchant-reader.ts';

const START = Date.parse('2026-11-22T03:00:00Z');
let database: Database;

before(async () => {
  database = await openTestDatabase();
});
beforeEach(() => database.exec('truncate minute, minute_count, anomaly'));
after(() => database.close());

function createFixture() {
  const clock = { at: 0, now: () => clock.at, monotonic: () => clock.at };
  const state = { queries: 0, isDown: false, lastMinute: START };
  const query: Database['query'] = async (text, params) => {
    state.queries += 1;
    if (state.isDown) throw new Error('database is away');
    return database.query(text, params);
  };
  const time = async () => ({ state: 'live' as const, now: 0, lastMinute: state.lastMinute });
  return { clock, state, reader: createMerchantReader({ ...database, query }, { time }, clock) };
}

/** Stores a minute as its `revision`: counts by merchant, all approved. */
async function store(index: number, revision: number, counts: Readonly<Record<string, number>>): Promise<void> {
  const minute = START + index * MINUTE_MS;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  await database.query('delete from minute where minute = $1', [minute]);
  await database.query('delete from minute_count where minute = $1', [minute]);
  await database.query(`insert into minute values ($1, 'observed', $2, $3, 0, false, true, true, $1)`, [minute, total, revision]);
  for (const [merchant, count] of Object.entries(counts))
    await database.query(`insert into minute_count values ($1, 'approved', '00', $2, 'a', $3, 0, 0)`, [minute, merchant, count]);
}

test('callers at the same time share one round of queries, and the next one comes after five seconds', async () => {
  await store(0, 0, { 'm-1': 2, 'm-2': 1 });
  const { clock, state, reader } = createFixture();
  const [one, two] = await Promise.all([reader.read(1), reader.read(10)]);
  assert.equal(one?.length, 1);
  assert.equal(two?.length, 2);
  const round = state.queries;
  clock.at = 4999;
  await reader.read(10);
  assert.equal(state.queries, round);
  clock.at = 5000;
  await reader.read(10);
  assert.ok(state.queries > round);
});

test('the hour moves with its minutes, and a corrected minute is read again', async () => {
  const { clock, state, reader } = createFixture();
  const counts = async () => {
    clock.at += 5000;
    return Object.fromEntries((await reader.read(10)).map(({ merchant_id, transactions }) => [merchant_id, transactions]));
  };
  for (let index = 0; index <= 60; index += 1) await store(index, 0, index === 0 ? { 'm-gone': 7, 'm-1': 1 } : { 'm-1': 1, 'm-2': index });
  state.lastMinute = START + 59 * MINUTE_MS;
  assert.deepEqual(await counts(), { 'm-2': 1770, 'm-1': 60, 'm-gone': 7 });
  state.lastMinute += MINUTE_MS;
  assert.deepEqual(await counts(), { 'm-2': 1830, 'm-1': 60 });
  await store(30, 1, { 'm-1': 1, 'm-2': 40, 'm-late': 3 });
  assert.deepEqual(await counts(), { 'm-2': 1840, 'm-1': 60, 'm-late': 3 });
});

test('merchants that come and go by thousands leave no places behind, and the sums stay right', async () => {
  const hour = createMerchantHour(database);
  const many = (day: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`m-${day}-${index}`, index + 1]));
  for (let day = 0; day < 4; day += 1) {
    await store(day, 0, { ...many(day), 'm-stays': 1 });
    const { ids, sums } = await hour.read({ from: START + Math.max(0, day - 1) * MINUTE_MS, to: START + (day + 1) * MINUTE_MS });
    assert.ok(ids.length <= 3000, `${ids.length} places`);
    const sumOf = (id: string) => sums[ids.indexOf(id) * MERCHANT_COUNTS.length];
    assert.deepEqual([sumOf('m-stays'), sumOf(`m-${day}-799`), sumOf(`m-${day}-0`)], [Math.min(day + 1, 2), 800, 1]);
  }
});

test('a failure is not remembered', async () => {
  await store(0, 0, { 'm-1': 2 });
  const { state, reader } = createFixture();
  state.isDown = true;
  await assert.rejects(reader.read(10));
  state.isDown = false;
  assert.equal((await reader.read(10)).length, 1);
});
