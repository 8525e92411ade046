import assert from 'node:assert/strict';
import type { Batch, Bus, Subscription } from './bus.ts';
import { FROM_START, TOPIC, type WithBus } from './bus-under-test.ts';
import { keyed, numbered, positions, take, textOf, untilQuiet } from './conformance-records.ts';

/** What consumer groups must do in every engine. */
export function groupConformance(withBus: WithBus): void {
  withBus('shares partitions within a group and not between groups', async (under) => {
    const bus = await under.open({ [TOPIC]: 4 });
    const members = [await bus.subscribe(FROM_START), await bus.subscribe(FROM_START)];
    const other = await bus.subscribe({ ...FROM_START, group: 'other' });
    await bus.publish(TOPIC, keyed(0));
    const shares = await Promise.all(members.map(untilQuiet));
    const partitionsOf = (batches: readonly Batch[]) => [...new Set(batches.map(({ partition }) => partition))];
    assert.equal(
      shares.flat().reduce((sum, { records }) => sum + records.length, 0),
      20,
    );
    assert.deepEqual(
      shares.flatMap(partitionsOf).sort((a, b) => a - b),
      [0, 1, 2, 3],
    );
    assert.ok(shares.every((share) => share.length > 0));
    assert.equal(
      (await untilQuiet(other)).reduce((sum, { records }) => sum + records.length, 0),
      20,
    );
  });

  withBus('raises the generation with each join and leave and asks for every position at each', async (under) => {
    const bus = await under.open({ [TOPIC]: 2 });
    const committed = new Map<number, number>();
    const asked: string[] = [];
    const join = (member: string) =>
      bus.subscribe({
        ...FROM_START,
        position: async (partition, generation) => {
          asked.push(`${member}:${partition}`);
          assert.ok(generation > 0);
          return committed.get(partition) ?? 'earliest';
        },
      });
    const commit = (batch: Batch) => committed.set(batch.partition, (batch.records.at(-1)?.offset ?? 0) + 1);
    const first = await join('a');
    await bus.publish(TOPIC, keyed(0));
    const before = await untilQuiet(first);
    before.forEach(commit);
    const second = await join('b');
    await bus.publish(TOPIC, keyed(1));
    const shared = [...(await untilQuiet(first)), ...(await untilQuiet(second))];
    shared.forEach(commit);
    await second.close();
    await bus.publish(TOPIC, keyed(2));
    const after = await untilQuiet(first);
    assert.deepEqual(asked, ['a:0', 'a:1', 'a:0', 'b:1', 'a:0', 'a:1']);
    assert.equal(
      [...before, ...shared, ...after].reduce((sum, { records }) => sum + records.length, 0),
      60,
    );
    const generations = [before, shared, after].map((batches) => new Set(batches.map(({ generation }) => generation)));
    assert.deepEqual(
      generations.map(({ size }) => size),
      [1, 1, 1],
    );
    const [one = 0, two = 0, three = 0] = generations.map((set) => [...set][0]);
    assert.ok(one < two && two < three, `generations ${one}, ${two}, ${three} must grow`);
  });

  withBus('hands a waiting member the partitions of one that leaves', async (under) => {
    const bus = await under.open({});
    const owner = await bus.subscribe(FROM_START);
    const spare = await bus.subscribe(FROM_START);
    await bus.publish(TOPIC, numbered(0, 1));
    assert.equal(await spare.next({ timeoutMs: 5 }), null);
    const next = spare.next();
    await owner.close();
    assert.equal((await next)?.records.length, 1);
  });

  withBus('asks for the position again after it failed', async (under) => {
    const bus = await under.open({});
    await bus.publish(TOPIC, numbered(0, 1));
    let calls = 0;
    const position = async () => {
      calls += 1;
      if (calls === 1) throw new Error('the database is away');
      return 0;
    };
    const subscription = await bus.subscribe({ ...FROM_START, position });
    await assert.rejects(subscription.next(), /the database is away/);
    assert.equal((await subscription.next())?.records.length, 1);
  });

  withBus('asks nobody for partitions that moved away while it was asking', async (under) => {
    const bus = await under.open({ [TOPIC]: 2 });
    await bus.publish(TOPIC, keyed(0));
    const asked: number[] = [];
    let join: Promise<Subscription> | undefined;
    const first = await bus.subscribe({
      ...FROM_START,
      position: async (partition) => {
        asked.push(partition);
        await (join ??= bus.subscribe(FROM_START));
        return 'earliest';
      },
    });
    const batches = await untilQuiet(first);
    // Twice for the one that it keeps: the generation changed.
    assert.deepEqual([asked, [...new Set(batches.map(({ partition }) => partition))]], [[0, 0], [0]]);
  });

  withBus('hands out only batches of the generation that the position was asked at', async (under) => {
    const bus = await under.open({ [TOPIC]: 4 });
    const asked = new Map<number, number>();
    const first = await bus.subscribe({
      ...FROM_START,
      position: async (partition, generation) => {
        asked.set(partition, generation);
        return 'earliest';
      },
    });
    for (let round = 0; round < 4; round += 1) {
      await bus.publish(TOPIC, keyed(round));
      const other = await bus.subscribe({ ...FROM_START, position: async () => 'latest' });
      for (const batch of await untilQuiet(first)) assert.equal(batch.generation, asked.get(batch.partition));
      await other.close();
      for (const batch of await untilQuiet(first)) assert.equal(batch.generation, asked.get(batch.partition));
    }
  });

  withBus('goes on where it was with latest, at each generation', async (under) => {
    const bus = await under.open({});
    const tail = await bus.subscribe({ ...FROM_START, position: async () => 'latest' });
    await bus.publish(TOPIC, numbered(0, 2));
    assert.deepEqual(await take(tail, 2), ['0', '1']);
    await bus.publish(TOPIC, numbered(2, 2));
    await (await bus.subscribe(FROM_START)).close();
    assert.deepEqual(await take(tail, 2), ['2', '3']);
  });

  withBus('forgets a failure of the position when the partitions were shared anew meanwhile', async (under) => {
    const bus = await under.open({ [TOPIC]: 2 });
    await bus.publish(TOPIC, keyed(0));
    let join: Promise<Subscription> | undefined;
    const first = await bus.subscribe({
      ...FROM_START,
      position: async () => {
        if (join !== undefined) return 'earliest';
        await (join = bus.subscribe(FROM_START));
        throw new Error('another reader has the partition');
      },
    });
    assert.ok((await untilQuiet(first)).length > 0);
  });

  withBus('tells a batch of the assignment that stands from one of an earlier assignment', async (under) => {
    const bus = await under.open({ [TOPIC]: 2 });
    await bus.publish(TOPIC, keyed(0));
    const first = await bus.subscribe(FROM_START);
    const batch = (await first.next({ timeoutMs: 5000 })) as Batch;
    assert.equal(first.isCurrent(batch), true);
    await bus.subscribe(FROM_START);
    assert.equal(first.isCurrent(batch), false);
  });

  for (const members of [2, 3]) fencedGroup(withBus, members);

  withBus('keeps generations growing and records in place when it is opened again', async (under) => {
    const bus = await under.open({});
    await bus.publish(TOPIC, numbered(0, 4));
    const generation = (await (await bus.subscribe(FROM_START)).next())?.generation ?? 0;
    await bus.close();
    const again = await under.reopen();
    const batch = await (await again.subscribe({ ...FROM_START, position: async () => 2 })).next();
    assert.deepEqual(batch?.records.map(textOf), ['2', '3']);
    assert.ok((batch?.generation ?? 0) > generation);
    assert.deepEqual(await again.publish(TOPIC, numbered(4, 1)), positions(0, 4, 1));
  });
}

/** Members that claim partitions and commit offsets in one place, as the stages do, while others join, leave, crash and lag. */
function fencedGroup(withBus: WithBus, members: number): void {
  withBus(`processes each record once with ${members} members that join, leave, crash and lag`, async (under) => {
    const bus = await under.open({ [TOPIC]: 4 });
    const ledger = createLedger(bus);
    await bus.publish(TOPIC, keyed(0));
    const workers: Worker[] = [];
    for (let index = 0; index < members; index += 1) workers.push(await ledger.join(`m${index}`));
    await work(workers);
    await bus.publish(TOPIC, keyed(1));
    // One lags: it holds a batch while everybody else goes on and one more joins.
    const slow = workers[0] as Worker;
    const held = await slow.take();
    assert.ok(held !== null);
    const late = await ledger.join('late');
    await work([...workers.slice(1), late]);
    slow.commit(held);
    await work([...workers, late]);
    // One leaves in order, one crashes with a batch in hand.
    await bus.publish(TOPIC, keyed(2));
    await late.leave();
    const crashed = workers.pop() as Worker;
    await crashed.take();
    await crashed.leave();
    await work(workers);
    assert.deepEqual(ledger.counts(), new Map(['0', '1', '2'].map((round) => [round, 20])));
    assert.ok(ledger.fenced() <= 1, `only the slow member's batch may have been fenced, ${ledger.fenced()} were`);
  });
}

interface Worker {
  take(): Promise<Batch | null>;
  /** Counts the batch unless another member has claimed its partition since. */
  commit(batch: Batch): void;
  leave(): Promise<void>;
}

async function work(workers: readonly Worker[]): Promise<void> {
  for (let isBusy = true; isBusy;) {
    isBusy = false;
    for (const worker of workers) {
      const batch = await worker.take();
      if (batch === null) continue;
      isBusy = true;
      worker.commit(batch);
    }
  }
}

function createLedger(bus: Bus) {
  const claims = new Map<number, { generation: number; owner: string; next: number }>();
  const counts = new Map<string, number>();
  let fenced = 0;
  return {
    counts: () => new Map([...counts].sort(([a], [b]) => Number(a) - Number(b))),
    fenced: () => fenced,
    async join(owner: string): Promise<Worker> {
      const subscription = await bus.subscribe({
        ...FROM_START,
        maxRecords: 3,
        position: async (partition, generation) => {
          const next = claims.get(partition)?.next ?? 0;
          claims.set(partition, { generation, owner, next });
          return next;
        },
      });
      return {
        take: () => subscription.next({ timeoutMs: 20 }),
        commit(batch) {
          const claim = claims.get(batch.partition);
          if (claim?.generation !== batch.generation || claim.owner !== owner) {
            assert.equal(subscription.isCurrent(batch), false, 'a member is fenced only when the partitions were shared anew');
            fenced += 1;
            return;
          }
          assert.equal(batch.records[0]?.offset, claim.next);
          claim.next += batch.records.length;
          for (const record of batch.records) counts.set(textOf(record), (counts.get(textOf(record)) ?? 0) + 1);
        },
        leave: () => subscription.close(),
      };
    },
  };
}
