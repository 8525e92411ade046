import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isGuardianError } from '../errors.ts';
import type { BusRecord } from './bus.ts';
import { FROM_START, TOPIC, type BusUnderTest, type WithBus } from './bus-under-test.ts';
import { assertPlaced, collect, drain, keyed, numbered, positions, take, textOf, untilQuiet } from './conformance-records.ts';
import { groupConformance } from './group.conformance.ts';
import { readAll } from './read-all.ts';

/** The behaviour that every engine of the bus must have. `create` prepares one for each test. */
export function busConformance(name: string, create: () => Promise<BusUnderTest>): void {
  const withBus = (fact: string, work: (under: BusUnderTest) => Promise<void>): void => {
    it(fact, async () => {
      const under = await create();
      try {
        await work(under);
      } finally {
        await under.release();
      }
    });
  };
  describe(`bus: ${name}`, { timeout: 900_000 }, () => {
    publishing(withBus);
    reading(withBus);
    groupConformance(withBus);
    closing(withBus);
  });
}

function publishing(withBus: WithBus): void {
  withBus('gives dense offsets from 0 in the order of the records', async (under) => {
    const bus = await under.open({});
    assert.deepEqual(await bus.publish(TOPIC, numbered(0, 3)), positions(0, 0, 3));
    assert.deepEqual(await bus.publish(TOPIC, numbered(3, 2)), positions(0, 3, 2));
    assert.deepEqual(await bus.publish(TOPIC, []), []);
    assert.deepEqual(await bus.ranges(TOPIC), [{ partition: 0, earliest: 0, next: 5 }]);
  });

  withBus('gives back key, value, offset and time unchanged', async (under) => {
    const bus = await under.open({});
    under.clock.set(1_700_000_000_123);
    const value = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);
    const keys = ['m-1', '', 'padaria São João 🥖', 'k'.repeat(200), 'é'.repeat(64)];
    await bus.publish(
      TOPIC,
      keys.map((key) => ({ key, value })),
    );
    await bus.publish(TOPIC, [{ value: new Uint8Array(0) }]);
    const records = await drain(bus, TOPIC);
    assert.deepEqual(
      records.map(({ key }) => key),
      [...keys, ''],
    );
    assert.deepEqual(
      records.map(({ offset }) => offset),
      [0, 1, 2, 3, 4, 5],
    );
    assert.deepEqual(Buffer.from(records[2]?.value ?? []), Buffer.from(value));
    assert.equal(records[5]?.value.byteLength, 0);
    assert.ok(records.every(({ publishedAt }) => publishedAt === 1_700_000_000_123));
  });

  withBus('gives back the headers of each record, also when many share them and when none has any', async (under) => {
    const bus = await under.open({ [TOPIC]: 2 });
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=à;é' };
    const shared = { 'content-type': 'application/json', 'schema-version': '1' };
    const given = [shared, shared, trace, undefined, trace, shared, {}, { ...shared }, undefined];
    await bus.publish(
      TOPIC,
      given.map((headers, index) => ({ key: 'one', value: Buffer.from(String(index)), ...(headers === undefined ? {} : { headers }) })),
    );
    await bus.publish(TOPIC, [{ key: 'one', value: Buffer.from('9'), headers: trace }]);
    const expected = [...given, trace].map((headers) => headers ?? {});
    const read = (records: readonly BusRecord[]) => records.map(({ headers }) => ({ ...headers }));
    assert.deepEqual(read(await drain(bus, TOPIC)), expected);
    const member = await bus.subscribe({ ...FROM_START, maxRecords: 4 });
    assert.deepEqual(read((await untilQuiet(member)).flatMap(({ records }) => records)), expected);
    await bus.close();
    assert.deepEqual(read(await drain(await under.reopen(), TOPIC)), expected);
  });

  withBus('refuses headers above 8 KiB with nothing of their batch stored', async (under) => {
    const bus = await under.open({});
    const large = { tracestate: 'x'.repeat(8192) };
    const refused = bus.publish(TOPIC, [{ value: Buffer.from('a') }, { value: Buffer.from('b'), headers: large }]);
    await assert.rejects(refused, (error) => isGuardianError(error, 'BUS_RECORD_TOO_LARGE'));
    assert.deepEqual(await drain(bus, TOPIC), []);
  });

  withBus('copies the values before publish returns', async (under) => {
    const bus = await under.open({});
    const value = Buffer.from('before');
    const published = bus.publish(TOPIC, [{ value }]);
    value.write('after!');
    await published;
    assert.equal(textOf((await drain(bus, TOPIC))[0]), 'before');
  });

  withBus('keeps the order of each key over partitions and concurrent publishers', async (under) => {
    const bus = await under.open({ [TOPIC]: 4 });
    const results = await Promise.all(Array.from({ length: 60 }, (_, round) => bus.publish(TOPIC, keyed(round))));
    assertPlaced(results.flat());
    const records = await drain(bus, TOPIC);
    assert.equal(records.length, 60 * 20);
    const lastOfKey = new Map<string, number>();
    for (const record of records) {
      const round = Number(textOf(record));
      assert.ok((lastOfKey.get(record.key) ?? -1) < round, `key ${record.key} is out of order`);
      lastOfKey.set(record.key, round);
    }
  });

  withBus('takes one batch of 60 000 records', async (under) => {
    const bus = await under.open({ [TOPIC]: 2 });
    const placed = await bus.publish(TOPIC, numbered(0, 60_000));
    assertPlaced(placed);
    const records = await drain(bus, TOPIC);
    assert.deepEqual(
      records
        .map(textOf)
        .map(Number)
        .sort((a, b) => a - b),
      Array.from({ length: 60_000 }, (_, index) => index),
    );
  });

  withBus('takes a record of 8 MiB and refuses a larger one with nothing of its batch stored', async (under) => {
    const bus = await under.open({});
    await bus.publish(TOPIC, [{ value: Buffer.alloc(8_388_608, 'x') }]);
    const tooLarge = bus.publish(TOPIC, [{ value: Buffer.from('small') }, { value: Buffer.alloc(8_388_609) }]);
    await assert.rejects(tooLarge, (error) => isGuardianError(error, 'BUS_RECORD_TOO_LARGE'));
    assert.equal((await drain(bus, TOPIC)).length, 1);
  });

  withBus('answers BUS_FULL, retryable, when too many records wait, and takes more once they are stored', async (under) => {
    const bus = await under.open({});
    const first = bus.publish(TOPIC, numbered(0, under.maxPendingRecords));
    await assert.rejects(bus.publish(TOPIC, numbered(0, 1)), (error) => isGuardianError(error, 'BUS_FULL') && error.retryable);
    await first;
    await bus.publish(TOPIC, numbered(0, 1));
    assert.equal((await bus.ranges(TOPIC))[0]?.next, under.maxPendingRecords + 1);
  });
}

function reading(withBus: WithBus): void {
  withBus('reads from an offset, the earliest and the latest', async (under) => {
    const bus = await under.open({});
    await bus.publish(TOPIC, numbered(0, 10));
    const from = async (position: number | 'earliest' | 'latest') => bus.subscribe({ topic: TOPIC, position: async () => position });
    const middle = await from(7);
    const start = await from('earliest');
    const tail = await from('latest');
    await bus.publish(TOPIC, numbered(10, 2));
    assert.deepEqual(await take(middle, 5), ['7', '8', '9', '10', '11']);
    assert.deepEqual(
      await take(start, 12),
      Array.from({ length: 12 }, (_, index) => String(index)),
    );
    assert.deepEqual(await take(tail, 2), ['10', '11'], 'latest is the end at the time of subscribe');
  });

  withBus('refuses a position beyond the end', async (under) => {
    const bus = await under.open({});
    await bus.publish(TOPIC, numbered(0, 2));
    const subscription = await bus.subscribe({ topic: TOPIC, position: async () => 3 });
    await assert.rejects(subscription.next({ timeoutMs: 0 }), (error) => isGuardianError(error, 'BUS_OFFSET_OUT_OF_RANGE'));
  });

  withBus('hands out at most maxRecords at a time, all in order', async (under) => {
    const bus = await under.open({});
    await bus.publish(TOPIC, numbered(0, 25));
    const subscription = await bus.subscribe({ ...FROM_START, maxRecords: 10 });
    const sizes = [];
    for (let index = 0; index < 3; index += 1) sizes.push((await subscription.next({ timeoutMs: 5000 }))?.records.length);
    assert.deepEqual(sizes, [10, 10, 5]);
    assert.equal(await subscription.next({ timeoutMs: 0 }), null);
  });

  withBus('wakes a reader that waits', async (under) => {
    const bus = await under.open({});
    const subscription = await bus.subscribe(FROM_START);
    const next = subscription.next();
    await bus.publish(TOPIC, numbered(0, 1));
    assert.equal((await next)?.records.length, 1);
    assert.equal(await subscription.next({ timeoutMs: 5 }), null);
  });

  withBus('finds the first offset at or after a time', async (under) => {
    const bus = await under.open({});
    for (const second of [10, 20, 30]) {
      under.clock.set(second * 1000);
      await bus.publish(TOPIC, numbered(second, 5));
    }
    const expected = [
      [0, 0],
      [10_000, 0],
      [10_001, 5],
      [20_000, 5],
      [29_999, 10],
      [30_000, 10],
      [30_001, 15],
    ] as const;
    for (const [timeMs, offset] of expected) assert.equal(await bus.offsetAt(TOPIC, 0, timeMs), offset, `at ${timeMs}`);
    const read = await collect(readAll(bus, TOPIC, { fromTimeMs: 20_000 }));
    assert.deepEqual(
      read.map(({ offset }) => offset),
      [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    );
  });

  withBus('readAll ends where the topic ended at its start', async (under) => {
    const bus = await under.open({ [TOPIC]: 2 });
    await bus.publish(TOPIC, keyed(0));
    let seen = 0;
    for await (const batch of readAll(bus, TOPIC, { maxRecords: 3 })) {
      seen += batch.records.length;
      await bus.publish(TOPIC, keyed(1));
    }
    assert.equal(seen, 20);
  });
}

function closing(withBus: WithBus): void {
  withBus('ends a waiting next with null when the subscription or the bus closes', async (under) => {
    const bus = await under.open({});
    const first = await bus.subscribe(FROM_START);
    const second = await bus.subscribe({ ...FROM_START, group: 'other' });
    const waiting = [first.next(), second.next()];
    await first.close();
    await first.close();
    await bus.close();
    assert.deepEqual(await Promise.all(waiting), [null, null]);
    assert.equal(await second.next(), null);
  });

  withBus('stores what was published before close and refuses everything after it', async (under) => {
    const bus = await under.open({});
    const published = bus.publish(TOPIC, numbered(0, 100));
    await Promise.all([bus.close(), bus.close()]);
    assert.equal((await published).length, 100);
    const isClosed = (error: unknown) => isGuardianError(error, 'BUS_CLOSED');
    await assert.rejects(bus.publish(TOPIC, numbered(0, 1)), isClosed);
    await assert.rejects(bus.subscribe(FROM_START), isClosed);
    await assert.rejects(bus.ranges(TOPIC), isClosed);
    assert.equal((await (await under.reopen()).ranges(TOPIC))[0]?.next, 100);
  });
}
