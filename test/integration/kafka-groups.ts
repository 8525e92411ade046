import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FROM_START, TOPIC } from '../../src/bus/bus-under-test.ts';
import type { Batch, OutRecord, Subscription } from '../../src/bus/bus.ts';
import type { KafkaBus } from '../../src/bus/kafka/kafka.ts';
import { awaitLeader } from './await-leader.ts';
import { createKafkaUnderTest, type KafkaUnderTest } from './kafka-bus-under-test.ts';
import type { KafkaServer } from './kafka-server.ts';

const PARTITIONS = 8;
const RECORDS = 2000;

interface Claim {
  readonly generation: number;
  readonly owner: string;
  readonly next: number;
}

/** The ledger that a database is: who has claimed what, and how far it is counted. */
function createLedger() {
  const claims = new Map<number, Claim>();
  const counts = new Map<string, number>();
  const trouble = { refused: 0, fencedInPlace: 0 };
  return {
    counts,
    trouble,
    claim(owner: string, partition: number, generation: number): number {
      const before = claims.get(partition);
      if (before !== undefined && before.generation >= generation && before.owner !== owner) {
        trouble.refused += 1;
        throw new Error(`partition ${partition} is claimed at ${before.generation}, ${owner} came with ${generation}`);
      }
      const next = before?.next ?? 0;
      claims.set(partition, { generation, owner, next });
      return next;
    },
    commit(owner: string, batch: Batch, isCurrent: boolean): void {
      const claim = claims.get(batch.partition);
      if (claim?.owner !== owner || claim.generation !== batch.generation) {
        if (isCurrent) trouble.fencedInPlace += 1;
        return;
      }
      assert.equal(batch.records[0]?.offset, claim.next, 'nothing is left out, nothing comes twice');
      claims.set(batch.partition, { ...claim, next: (batch.records.at(-1)?.offset ?? 0) + 1 });
      for (const { value } of batch.records) {
        const id = Buffer.from(value).toString();
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    },
  };
}

/** A worker as the window stage is one: claims at each generation and commits what it counts. */
async function startWorker(bus: KafkaBus, owner: string, ledger: ReturnType<typeof createLedger>) {
  let isOver = false;
  const subscription: Subscription = await bus.subscribe({
    ...FROM_START,
    maxRecords: 50,
    position: async (partition, generation) => ledger.claim(owner, partition, generation),
  });
  const working = (async () => {
    while (!isOver) {
      const batch = await subscription.next({ timeoutMs: 100 }).catch(awaitLeader);
      if (batch === null) continue;
      await delay(1);
      ledger.commit(owner, batch, subscription.isCurrent(batch));
    }
  })();
  return {
    async leave() {
      isOver = true;
      await working;
      await subscription.close();
      await bus.close();
    },
  };
}

const records = (round: number): OutRecord[] =>
  Array.from({ length: RECORDS }, (_, index) => ({ key: `merchant-${index % 200}`, value: Buffer.from(`${round}/${index}`) }));

async function untilCounted(ledger: ReturnType<typeof createLedger>, wanted: number): Promise<void> {
  const deadline = performance.now() + 300_000;
  while (ledger.counts.size < wanted) {
    assert.ok(performance.now() < deadline, `${ledger.counts.size} of ${wanted} records were counted`);
    await delay(50);
  }
}

/** Processes of one group: each has a bus of its own, as in production. */
async function workTogether(under: KafkaUnderTest, buses: readonly KafkaBus[]): Promise<void> {
  const ledger = createLedger();
  const [first] = buses;
  assert.ok(first !== undefined);
  const workers = [await startWorker(first, 'w0', ledger)];
  await first.publish(TOPIC, records(0));
  for (const [index, bus] of buses.slice(1).entries()) workers.push(await startWorker(bus, `w${index + 1}`, ledger));
  await first.publish(TOPIC, records(1));
  await untilCounted(ledger, 2 * RECORDS);
  await workers.pop()?.leave();
  await first.publish(TOPIC, records(2));
  await untilCounted(ledger, 3 * RECORDS);
  for (const worker of workers) await worker.leave();
  assert.ok([...ledger.counts.values()].every((count) => count === 1));
  assert.deepEqual(ledger.trouble, { refused: 0, fencedInPlace: 0 }, under.prefix);
}

/** What groups of several processes do on a real broker. */
export function kafkaGroups(server: KafkaServer): void {
  describe('workers in processes of their own', () => {
    for (const count of [2, 4, 8]) {
      it(`${count} share the partitions, and nobody fences one that has not lost its own`, async () => {
        const under = createKafkaUnderTest(server.address);
        try {
          const buses = [await under.open({ [TOPIC]: PARTITIONS })];
          while (buses.length < count) buses.push(await under.openWith({}));
          await workTogether(under, buses as KafkaBus[]);
        } finally {
          await under.release();
        }
      });
    }
  });
}
