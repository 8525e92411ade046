import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Database } from '../../database.ts';
import { openTestDatabase } from '../../test-database.ts';
import { checkLog } from './check-log.ts';
import { claimPartition, type PartitionClaim } from './claim-partition.ts';
import { commitOffset } from './commit-offset.ts';
import { noteExtents } from './note-extent.ts';
import { enqueueOutbox } from '../outbox/enqueue-outbox.ts';
import { markPublished } from '../outbox/mark-published.ts';
import { releaseOutbox } from '../outbox/release-outbox.ts';
import { takeOutbox } from '../outbox/take-outbox.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const topic = TOPICS.transactions;
const check = (id: string, next: number) =>
  database.transaction((tx) => checkLog(tx, [{ topic, id, ranges: [{ partition: 0, earliest: 0, next }] }]));

test('positions hold for the log that they were committed in, and for no other', async () => {
  const claim: PartitionClaim = { group: 'guardian-window', topic, partition: 0, generation: 7, owner: 'me' };
  assert.deepEqual(await check('one', 3000), []);
  await claimPartition(database, claim);
  await commitOffset(database, claim, 3000);

  assert.deepEqual(await check('one', 8000), [], 'a log that grew is the same log');
  assert.equal(await claimPartition(database, claim), 3000);

  // Longer than the position: only the id tells that these are other records.
  assert.deepEqual(await check('two', 8000), [{ topic, why: 'replaced', again: 0, lost: null }]);
  // The numbers of the assignments begin again with the log.
  assert.equal(await claimPartition(database, { ...claim, generation: 1 }), 0);
  await commitOffset(database, { ...claim, generation: 1 }, 8000);
  assert.deepEqual(await check('two', 8000), []);

  assert.deepEqual(await check('two', 5000), [{ topic, why: 'shorter', again: 0, lost: null }], 'a copy of it from earlier');
  assert.equal(await claimPartition(database, { ...claim, generation: 1 }), 0);
  assert.deepEqual(await check('two', 5000), []);
});

describe('messages that a stage had not read when their log was lost', () => {
  const windows = TOPICS.windows;
  const reader = { topic: windows, group: 'guardian-detect' };
  const claim: PartitionClaim = { ...reader, partition: 0, generation: 1, owner: 'me' };
  const checkWindows = (id: string, next: number, isReadable = true) =>
    database.transaction((tx) =>
      checkLog(tx, [{ topic: windows, id, ranges: [{ partition: 0, earliest: 0, next }], isReadable: async () => isReadable }]),
    );
  const position = async () => (await database.query('select next_offset from consumer_offset where topic = $1', [windows]))[0];
  const waiting = async () => (await takeOutbox(database, { limit: 100, maxBytes: 1_000_000 })).map(({ value }) => value);

  /** Six windows are in the log, the detector has committed four, and its stored state has seen three. */
  beforeEach(async () => {
    await database.exec('truncate outbox, consumer_offset, log_identity, detector_snapshot restart identity');
    await checkWindows('one', 0);
    await enqueueOutbox(
      database,
      ['w0', 'w1', 'w2', 'w3', 'w4', 'w5'].map((value) => ({ topic: windows, key: '', value })),
    );
    await markPublished(
      database,
      [1, 2, 3, 4, 5, 6].map((id) => ({ id, offset: id - 1 })),
    );
    await claimPartition(database, claim);
    await commitOffset(database, claim, 4);
    await database.exec(
      `insert into detector_snapshot (name, next_offset, sequence, minute, detector_version, config_hash, taken_at, body)
       values ('main', 3, 3, 0, 'v', 'c', 0, '')`,
    );
    await releaseOutbox(database, [reader]);
    await noteExtents(database, [{ topic: windows, kept: 6, next: 6 }]);
  });

  test('a log that is sound needs none again', async () => {
    assert.deepEqual(await checkWindows('one', 6), []);
    assert.deepEqual(await waiting(), []);
  });

  test('another log gets them again, from the stored state of the detector on, and is read from its start', async () => {
    assert.deepEqual(await checkWindows('two', 0), [{ topic: windows, why: 'replaced', again: 3, lost: 0 }]);
    assert.deepEqual([await waiting(), await position()], [['w3', 'w4', 'w5'], { next_offset: 0 }]);
  });

  test('an older copy that ends behind the position gets what it misses', async () => {
    assert.deepEqual(await checkWindows('one', 5), [{ topic: windows, why: 'shorter', again: 1, lost: 0 }]);
    assert.deepEqual([await waiting(), await position()], [['w5'], { next_offset: 4 }]);
  });

  test('an older copy that ends before the position gets all, and is read from its start', async () => {
    assert.deepEqual(await checkWindows('one', 2), [{ topic: windows, why: 'shorter', again: 3, lost: 0 }]);
    assert.deepEqual([await waiting(), await position()], [['w3', 'w4', 'w5'], { next_offset: 0 }]);
  });

  test('a log with a part that cannot be read gets them in order behind it', async () => {
    assert.deepEqual(await checkWindows('one', 6, false), [{ topic: windows, why: 'damaged', again: 3, lost: 0 }]);
    assert.deepEqual([await waiting(), await position()], [['w3', 'w4', 'w5'], { next_offset: 6 }]);
  });
});

test('dead letters and transactions that were not counted are nowhere else: their loss is named', async () => {
  await database.exec('truncate outbox, consumer_offset, log_identity');
  const logs = (dead: string, transactions: string, next: number) =>
    [
      { topic: TOPICS.dead, id: dead },
      { topic: TOPICS.transactions, id: transactions },
    ].map((log) => ({ ...log, ranges: [{ partition: 0, earliest: 0, next }] }));
  const checkAll = (...[dead, transactions, next]: Parameters<typeof logs>) =>
    database.transaction((tx) => checkLog(tx, logs(dead, transactions, next)));
  await checkAll('d1', 't1', 0);
  const claim: PartitionClaim = { group: 'guardian-window', topic, partition: 0, generation: 1, owner: 'me' };
  await claimPartition(database, claim);
  await commitOffset(database, claim, 70);
  await noteExtents(database, [
    { topic: TOPICS.dead, kept: 5, next: 9 },
    { topic: TOPICS.transactions, kept: 100, next: 100 },
  ]);
  const lost = (await checkAll('d2', 't2', 0)).map((one) => [one.topic, one.lost]);
  assert.deepEqual(lost, [
    [TOPICS.dead, 5],
    [TOPICS.transactions, 30],
  ]);
});
