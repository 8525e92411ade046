import assert from 'node:assert/strict';
import type { Batch, Subscription } from './bus.ts';
import { FROM_START, TOPIC, type WithBus } from './bus-under-test.ts';
import { keyed, numbered, positions, untilQuiet, textOf } from './conformance-records.ts';

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

  withBus('raises the generation with each join and leave and asks for the position of what is new', async (under) => {
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
    assert.deepEqual(asked, ['a:0', 'a:1', 'b:1', 'a:1']);
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
    assert.deepEqual([asked, [...new Set(batches.map(({ partition }) => partition))]], [[0], [0]]);
  });

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
