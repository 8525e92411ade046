import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { isGuardianError } from '../errors.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import type { Bus, BusRecord } from './bus.ts';
import { listDeadLetters, replayDeadLetters, sendToDeadLetters } from './dead-letter.ts';
import { createEmbeddedUnderTest } from './embedded/bus-under-test.ts';
import { readAll } from './read-all.ts';

const TOPIC = TOPICS.transactions;

function withBus(fact: string, work: (bus: Bus) => Promise<void>): void {
  it(fact, async () => {
    const under = createEmbeddedUnderTest('inline');
    try {
      await work(await under.open({}));
    } finally {
      await under.release();
    }
  });
}

function record(offset: number, value: string): BusRecord {
  return { offset, key: `k${offset}`, value: Buffer.from(value), headers: JSON_HEADERS, publishedAt: 0 };
}

function fail(bus: Bus, group: string, failedAt: number, records: readonly BusRecord[]) {
  const reasoned = records.map((failed) => ({ record: failed, reason: `status: must be one of the known, record ${failed.offset}` }));
  return sendToDeadLetters(bus, { topic: TOPIC, partition: 0, group, failedAt, records: reasoned });
}

async function read(bus: Bus): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  for await (const batch of readAll(bus, TOPIC)) records.push(...batch.records);
  return records;
}

describe('dead letters', () => {
  withBus('are listed newest first, with reason and origin', async (bus) => {
    assert.deepEqual(await listDeadLetters(bus, { limit: 10 }), []);
    await fail(bus, 'worker', 100, [record(5, 'a'), record(9, 'b')]);
    await fail(bus, 'detector', 200, [record(7, 'c')]);
    const all = await listDeadLetters(bus, { limit: 10 });
    assert.deepEqual(
      all.map(({ letter }) => letter.offset),
      [7, 9, 5],
    );
    assert.deepEqual(all[1], {
      position: { partition: 0, offset: 1 },
      key: 'k9',
      headers: JSON_HEADERS,
      letter: {
        v: 1,
        topic: TOPIC,
        partition: 0,
        offset: 9,
        group: 'worker',
        reason: 'status: must be one of the known, record 9',
        value: 'Yg==',
        failed_at: 100,
      },
    });
    assert.deepEqual(
      (await listDeadLetters(bus, { limit: 1 })).map(({ letter }) => letter.offset),
      [7],
    );
    assert.deepEqual(
      (await listDeadLetters(bus, { limit: 9, group: 'worker' })).map(({ letter }) => letter.offset),
      [9, 5],
    );
    assert.deepEqual(
      (await listDeadLetters(bus, { limit: 9, sinceMs: 150 })).map(({ letter }) => letter.offset),
      [7],
    );
    assert.deepEqual(await listDeadLetters(bus, { limit: 9, topic: TOPICS.windows }), []);
  });

  withBus('are published to their topic again, with their keys and in order', async (bus) => {
    await fail(bus, 'worker', 100, [record(1, 'first'), record(2, 'second'), record(3, 'third')]);
    assert.deepEqual(await replayDeadLetters(bus, { offsets: new Set([0, 2]) }), { replayed: 2, cut: 0 });
    assert.deepEqual(
      (await read(bus)).map(({ key, value }) => [key, Buffer.from(value).toString()]),
      [
        ['k1', 'first'],
        ['k3', 'third'],
      ],
    );
    assert.deepEqual(await replayDeadLetters(bus), { replayed: 3, cut: 0 });
    assert.equal((await listDeadLetters(bus, { limit: 9 })).length, 3, 'the letters stay');
  });

  withBus('have the headers of their records, also when these are published again', async (bus) => {
    const headers = { 'content-type': 'application/json', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    await fail(bus, 'worker', 100, [{ ...record(1, 'first'), headers }]);
    assert.deepEqual({ ...(await listDeadLetters(bus, { limit: 1 }))[0]?.headers }, headers);
    await replayDeadLetters(bus);
    assert.deepEqual({ ...(await read(bus))[0]?.headers }, headers);
  });

  withBus('keep the start of a value that is too large, and do not replay it', async (bus) => {
    await fail(bus, 'worker', 100, [{ ...record(1, ''), value: Buffer.alloc(1_000_000, 'x') }]);
    const [letter] = await listDeadLetters(bus, { limit: 1 });
    assert.equal(letter?.letter.cut_from, 1_000_000);
    assert.deepEqual(await replayDeadLetters(bus), { replayed: 0, cut: 1 });
    assert.deepEqual(await read(bus), []);
  });
});

describe('reading all of a topic', () => {
  withBus('starts at an offset, and not at an offset and a time', async (bus) => {
    await bus.publish(
      TOPIC,
      ['a', 'b', 'c'].map((text) => ({ value: Buffer.from(text) })),
    );
    const offsets: number[] = [];
    for await (const batch of readAll(bus, TOPIC, { fromOffset: 1 })) offsets.push(...batch.records.map(({ offset }) => offset));
    assert.deepEqual(offsets, [1, 2]);
    for await (const batch of readAll(bus, TOPIC, { fromOffset: 99 })) assert.fail(`read ${batch.records.length} records beyond the end`);
    await assert.rejects(readAll(bus, TOPIC, { fromOffset: 1, fromTimeMs: 2 }).next(), (error) => isGuardianError(error, 'USAGE'));
  });
});
