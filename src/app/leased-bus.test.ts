import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { createEmbeddedUnderTest } from '../bus/embedded/bus-under-test.ts';
import { createConsumer } from '../bus/consume.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { claimPartition, type PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { commitOffset } from '../store/verbs/log/commit-offset.ts';
import { until } from '../test-until.ts';
import { leaseBus } from './leased-bus.ts';

const topic = TOPICS.windows;
let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

async function createSite(t: TestContext, group: string) {
  const under = createEmbeddedUnderTest('inline');
  const bus = await under.open({});
  t.after(() => under.release());
  /** A process with a stage that notes what it has committed. */
  const start = (owner: string) => {
    const lock = { isHeld: true };
    const committed: number[] = [];
    const gate = { isOpen: true };
    let claim: PartitionClaim | undefined;
    const consumer = createConsumer(
      { bus: leaseBus(bus, database, () => lock.isHeld), log: silentLog },
      {
        ...{ topic, group, retryMs: 10 },
        async position(partition, generation) {
          claim = { group, topic, partition, generation, owner };
          return (await claimPartition(database, claim)) ?? 'earliest';
        },
        async handle({ records }) {
          await until(() => gate.isOpen);
          const of = claim;
          assert.ok(of !== undefined);
          await database.transaction((tx) => commitOffset(tx, of, (records.at(-1)?.offset ?? -1) + 1));
          committed.push(...records.map(({ offset }) => offset));
        },
      },
    );
    consumer.start();
    t.after(() => consumer.stop());
    return { lock, gate, committed, health: consumer.health };
  };
  const publish = (text: string) => bus.publish(topic, [{ value: Buffer.from(text) }]);
  return { start, publish };
}

test('the next process goes on where the one before had committed, and what that one still writes is refused', async (t) => {
  const { start, publish } = await createSite(t, 'takeover');
  const first = start('first');
  await publish('a');
  await until(() => first.committed.length === 1);
  first.gate.isOpen = false;
  await publish('b');
  // The first one is frozen in the middle of a batch, and has lost the lock.
  first.lock.isHeld = false;
  const second = start('second');
  await until(() => second.committed.length === 1);
  first.gate.isOpen = true;
  await publish('c');
  await until(() => second.committed.length === 2);
  await until(() => first.health().status !== 'ok');
  assert.deepEqual([first.committed, second.committed], [[0], [1, 2]]);
});

test('a process that still has the lock takes the work back from one that claimed it meanwhile', async (t) => {
  const { start, publish } = await createSite(t, 'regained');
  const first = start('first');
  await publish('a');
  await until(() => first.committed.length === 1);
  await database.query("update consumer_offset set generation = generation + 5, owner = 'other' where consumer_group = 'regained'");
  await publish('b');
  await until(() => first.committed.length === 2);
  assert.deepEqual(first.committed, [0, 1]);
});
