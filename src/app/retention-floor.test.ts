import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { claimPartition } from '../store/verbs/log/claim-partition.ts';
import { commitOffset } from '../store/verbs/log/commit-offset.ts';
import { saveSnapshot } from '../store/verbs/detector/detector-snapshot.ts';
import { READERS } from './readers.ts';
import { createRetentionFloor } from './retention-floor.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

async function commit(topic: Topic, nextOffset: number): Promise<void> {
  const group = READERS.find((reader) => reader.topic === topic)?.group ?? '';
  const claim = { group, topic, partition: 0, generation: 1, owner: 'test' };
  await claimPartition(database, claim);
  await commitOffset(database, claim, nextOffset);
}

test('the log is needed from what was committed a minute ago on, the windows from the stored state of the detector on', async () => {
  let nowMs = 0;
  let isAway = false;
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs };
  const ask = createRetentionFloor(() => (isAway ? undefined : database), clock);
  const offsets = async () => {
    const floor = await ask();
    return [TOPICS.transactions, TOPICS.windows, TOPICS.anomalies].map(
      (topic) => floor?.get(topic)?.get(0) ?? (floor === null ? 'unknown' : undefined),
    );
  };

  await commit(TOPICS.transactions, 100);
  await commit(TOPICS.windows, 20);
  assert.deepEqual(await offsets(), ['unknown', 'unknown', 'unknown'], 'what was just committed may be lost yet');
  await commit(TOPICS.transactions, 200);
  nowMs = 59_000;
  assert.deepEqual(await offsets(), ['unknown', 'unknown', 'unknown']);
  nowMs = 60_000;
  assert.deepEqual(await offsets(), [100, 0, undefined], 'a state that was never stored needs every window');

  const body = Buffer.from('state');
  await saveSnapshot(database, 'main', {
    ...{ nextOffset: 15, sequence: 15, minute: null, detectorVersion: '1', configHash: 'c', takenAt: 0 },
    body,
  });
  nowMs = 120_000;
  await ask();
  nowMs = 180_000;
  assert.deepEqual(await offsets(), [200, 15, undefined]);

  isAway = true;
  await commit(TOPICS.transactions, 300);
  nowMs = 900_000;
  assert.deepEqual(await offsets(), [200, 15, undefined], 'a database that is away sets nothing free');
  assert.deepEqual([...((await ask())?.get(TOPICS.alerts) ?? ['free'])], ['free']);
});

test('a database that never answers needs everything, after some patience', async () => {
  let nowMs = 0;
  const ask = createRetentionFloor(() => undefined, { now: () => nowMs, monotonic: () => nowMs });
  assert.equal(await ask(), null);
  nowMs = 179_000;
  assert.equal(await ask(), null);
  nowMs = 180_000;
  assert.deepEqual((await ask())?.get(TOPICS.transactions), new Map());
});
