import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Database } from '../database.ts';
import { openTestDatabase } from '../test-database.ts';
import { addLateCounts, addMinuteCounts } from './minute/add-minute-counts.ts';
import { claimPartition } from './log/claim-partition.ts';
import { commitOffset } from './log/commit-offset.ts';
import { deleteOld } from './transaction/delete-old.ts';
import { deleteOutbox } from './outbox/delete-outbox.ts';
import { enqueueOutbox } from './outbox/enqueue-outbox.ts';
import { findKnownIds } from './transaction/find-known-ids.ts';
import { insertKeys } from './transaction/insert-transactions.ts';
import { listMinuteCounts } from './minute/list-minute-counts.ts';
import { readOffsets } from './log/read-offset.ts';
import { takeOutbox } from './outbox/take-outbox.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
afterEach(() => database.exec('truncate transaction, transaction_key, minute_count, minute_slice, consumer_offset, outbox'));

const CLAIM = { group: 'g', topic: TOPICS.transactions, partition: 0, generation: 3, owner: 'one' } as const;

test('a claim gives the committed offset, none before the first commit', async () => {
  assert.equal(await claimPartition(database, CLAIM), null);
  assert.deepEqual([...(await readOffsets(database, CLAIM))], []);
  await commitOffset(database, CLAIM, 12);
  assert.equal(await claimPartition(database, CLAIM), 12);
  assert.deepEqual([...(await readOffsets(database, CLAIM))], [[0, 12]]);
});

test('an offset never goes back', async () => {
  await claimPartition(database, CLAIM);
  await commitOffset(database, CLAIM, 12);
  await commitOffset(database, CLAIM, 5);
  assert.equal(await claimPartition(database, CLAIM), 12);
});

test('a later assignment shuts out the earlier one, and not the other way round', async () => {
  await claimPartition(database, CLAIM);
  const next = { ...CLAIM, generation: 4, owner: 'two' };
  await claimPartition(database, next);
  await assert.rejects(commitOffset(database, CLAIM, 1), { code: 'STORE_FENCED' });
  await assert.rejects(claimPartition(database, CLAIM), { code: 'STORE_FENCED' });
  await assert.rejects(claimPartition(database, { ...next, owner: 'three' }), { code: 'STORE_FENCED' });
  await commitOffset(database, next, 1);
});

test('groups and partitions do not see each other', async () => {
  await claimPartition(database, CLAIM);
  await claimPartition(database, { ...CLAIM, partition: 1 });
  await claimPartition(database, { ...CLAIM, group: 'other', generation: 1 });
  await commitOffset(database, { ...CLAIM, partition: 1 }, 9);
  assert.deepEqual([...(await readOffsets(database, CLAIM))], [[1, 9]]);
});

test('the outbox keeps order and takes by number and by size, at least one', async () => {
  await enqueueOutbox(
    database,
    ['a', 'bb', '{"x":"{,}\\\\ \\""}', 'é'].map((value) => ({ topic: TOPICS.windows, key: '', value })),
  );
  const all = await takeOutbox(database, { limit: 10, maxBytes: 1000 });
  assert.deepEqual(
    all.map(({ value }) => value),
    ['a', 'bb', '{"x":"{,}\\\\ \\""}', 'é'],
  );
  assert.equal((await takeOutbox(database, { limit: 2, maxBytes: 1000 })).length, 2);
  assert.equal((await takeOutbox(database, { limit: 10, maxBytes: 2 })).length, 2);
  assert.equal((await takeOutbox(database, { limit: 10, maxBytes: 1 })).length, 1);
  await deleteOutbox(
    database,
    all.slice(0, 2).map(({ id }) => id),
  );
  assert.equal((await takeOutbox(database, { limit: 10, maxBytes: 1000 }))[0]?.value, '{"x":"{,}\\\\ \\""}');
});

const row = (id: string, fields: object = {}) => ({
  kind: 'transaction',
  id,
  occurred_at: 1,
  ingested_at: 5,
  status: 'approved',
  count: 1,
  source: 't',
  backfill: false,
  content_hash: `hash-${id}`,
  ...fields,
});
const insert = (...rows: object[]) =>
  insertKeys(database, { json: JSON.stringify(rows), count: rows.filter((one) => 'id' in one).length, except: ['before'] });

test('writing keys tells which ids were new', async () => {
  assert.equal(await insert(row('a'), { kind: 'heartbeat' }, row('b')), 'all');
  assert.deepEqual(await insert(row('b'), row('c'), row('c', { content_hash: 'other' })), new Set(['c']));
  assert.deepEqual(await insert(row('a'), row('before')), new Set());
  assert.deepEqual(
    await findKnownIds(database, ['a', 'c', 'nobody', 'a']),
    new Map([
      ['a', 'hash-a'],
      ['c', 'hash-c'],
    ]),
  );
  assert.deepEqual(await findKnownIds(database, []), new Map());
});

test('minute counts add up, with what came late beside', async () => {
  const cell = { minute: 60_000, status: 'denied', auth_code: '51', merchant_id: 'm', acquirer: '', count: 2, amount: 1.5 };
  await addMinuteCounts(database, [cell, { ...cell, status: '' }]);
  await addMinuteCounts(database, [{ ...cell, count: 3 }]);
  await addLateCounts(database, [{ ...cell, count: 3 }]);
  assert.deepEqual(await listMinuteCounts(database, [0, 60_000]), [
    { minute: 60_000, status: '', auth_code: '51', merchant_id: 'm', acquirer: '', count: 2, amount: 1.5 },
    { minute: 60_000, status: 'denied', auth_code: '51', merchant_id: 'm', acquirer: '', count: 5, amount: 3 },
  ]);
  assert.deepEqual(await database.query("select late_count from minute_count where status = 'denied'"), [{ late_count: 3 }]);
});

test('many minute counts add up as few do: new minutes, known ones, names with any character, and another writer in between', async () => {
  const names = ['a\tb', 'back\\slash', '\\N', 'line\nend\r', 'maçã', '"quoted"', ''];
  const cells = (minute: number, times: number) =>
    Array.from({ length: 300 }, (_, index) => ({
      ...{ minute, status: 'approved', auth_code: String(index), acquirer: '', count: times, amount: times / 4 },
      merchant_id: names[index % names.length] ?? '',
    }));
  const [first, second, third] = [6_000_000, 6_060_000, 6_120_000];
  await database.transaction((tx) => addMinuteCounts(tx, cells(first, 1)));
  await database.transaction((tx) => addMinuteCounts(tx, [...cells(first, 2), ...cells(second, 5)]));
  // Another worker adds to the third minute after this one has seen nothing there.
  await database.transaction((tx) => addMinuteCounts(tx, cells(third, 1)));
  await database.transaction((tx) => {
    const blind = { query: (text: string, params: never) => (text.includes('exists') ? Promise.resolve([]) : tx.query(text, params)) };
    return addMinuteCounts({ ...tx, ...blind } as typeof tx, cells(third, 1));
  });
  for (const [minute, times] of [
    [first, 3],
    [second, 5],
    [third, 2],
  ] as const) {
    const stored = await listMinuteCounts(database, [minute]);
    const byCode = (a: { auth_code: string }, b: { auth_code: string }): number => Number(a.auth_code) - Number(b.auth_code);
    assert.deepEqual(stored.toSorted(byCode), cells(minute, times));
  }
});

test('retention deletes in steps, oldest intake first to go', async () => {
  await insert(...Array.from({ length: 10 }, (_, index) => row(`r-${index}`, { ingested_at: index })));
  assert.equal(await deleteOld(database, 'transaction_key', { before: 7, limit: 5 }), 5);
  assert.equal(await deleteOld(database, 'transaction_key', { before: 7, limit: 5 }), 2);
  assert.equal(await deleteOld(database, 'transaction_key', { before: 7, limit: 5 }), 0);
  assert.deepEqual(await database.query('select count(*) as n, min(ingested_at) as oldest from transaction_key'), [{ n: 3, oldest: 7 }]);
});
