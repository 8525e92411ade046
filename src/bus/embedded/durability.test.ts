import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { Registry } from 'prom-client';
import { isGuardianError } from '../../errors.ts';
import type { Bus, OutRecord } from '../bus.ts';
import { readAll } from '../read-all.ts';
import { createEmbeddedUnderTest, type EmbeddedUnderTest } from './bus-under-test.ts';
import { openTopicFile, topicPath } from './topic-file.ts';

const TOPIC = TOPICS.transactions;
const HOUR_MS = 3_600_000;

for (const writer of ['thread', 'inline'] as const) {
  const withBus = (fact: string, work: (under: EmbeddedUnderTest) => Promise<void>): void => {
    it(fact, async () => {
      const under = createEmbeddedUnderTest(writer);
      try {
        await work(under);
      } finally {
        await under.release();
      }
    });
  };

  describe(`embedded bus, ${writer}: damage, full disk, other writers`, { timeout: 900_000 }, () => {
    withBus('skips a block whose sector was lost, says so, and delivers the others', async (under) => {
      const bus = await under.open({});
      // Bytes that repeat would be compressed away, and the sector could not be found.
      const values = [0, 1, 2].map(() => randomBytes(100_000));
      for (const value of values) await bus.publish(TOPIC, [{ value }]);
      await bus.close();
      overwriteSector(under.dir, values[1]?.subarray(50_000, 50_016));
      const metrics = new Registry();
      const again = await under.openWith({ metrics });
      assert.deepEqual(
        (await recordsOf(again)).map(({ offset }) => offset),
        [0, 2],
      );
      const line = under.logged.find(({ reason }) => reason === 'corrupt');
      assert.deepEqual(
        { level: line?.['level'], topic: line?.['topic'], offset: line?.['offset'], records: line?.['records'] },
        { level: 50, topic: TOPIC, offset: 1, records: 1 },
      );
      assert.match(await metrics.metrics(), /guardian_bus_skipped_records_total\{topic="guardian.transactions",reason="corrupt"\} 1/);
      assert.deepEqual(await again.publish(TOPIC, numbered(3, 1)), [{ partition: 0, offset: 3 }]);
    });

    withBus('skips a block that was cut short, also when it is the last one', async (under) => {
      const bus = await under.open({});
      for (const block of [0, 1]) await bus.publish(TOPIC, numbered(block * 10, 10));
      damage(under.dir, 'UPDATE blocks SET data = substr(data, 1, 5) WHERE first_offset = 10');
      assert.deepEqual(await readNumbers(bus), range(0, 10));
      const subscription = await bus.subscribe({ topic: TOPIC, group: 'worker', position: async () => 10 });
      const next = subscription.next();
      await bus.publish(TOPIC, numbered(20, 1));
      assert.deepEqual(
        (await next)?.records.map(({ offset }) => offset),
        [20],
      );
    });

    withBus('refuses with BUS_UNAVAILABLE while the disk is full and works again when it is not', async (under) => {
      const bus = await under.openWith({ maxFileBytes: 400_000 });
      const value = randomBytes(10_000);
      let stored = 0;
      const fill = async (): Promise<void> => {
        for (; stored < 1000; stored += 1) await bus.publish(TOPIC, [{ value }]);
      };
      await assert.rejects(fill(), (error) => isGuardianError(error, 'BUS_UNAVAILABLE') && error.retryable);
      await assert.rejects(bus.publish(TOPIC, [{ value }, { value }]), (error) => isGuardianError(error, 'BUS_UNAVAILABLE'));
      assert.ok(stored > 10, `only ${stored} records fitted`);
      damage(under.dir, 'DELETE FROM blocks WHERE first_offset < 5');
      assert.deepEqual(await bus.publish(TOPIC, [{ value }]), [{ partition: 0, offset: stored }]);
      assert.equal((await bus.ranges(TOPIC))[0]?.next, stored + 1);
    });

    withBus('gives writers in two threads different, dense offsets, and wakes readers of both', async (under) => {
      const bus = await under.open({});
      const subscription = await bus.subscribe({ topic: TOPIC, position: async () => 'earliest' });
      const waiting = subscription.next();
      const other = publishInThread(under.dir, 200);
      for (let index = 0; index < 200; index += 1) await bus.publish(TOPIC, numbered(index * 3, 3));
      assert.ok((await waiting) !== null);
      await other;
      const records = await recordsOf(bus);
      assert.deepEqual(
        records.map(({ offset }) => offset),
        range(0, 800),
      );
      for (const source of ['here', 'there']) {
        const numbers = records.filter(({ key }) => key === source).map(({ value }) => Number(Buffer.from(value).toString()));
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
          `records of ${source} are out of order`,
        );
      }
    });

    withBus('continues at the earliest record, and says so, when retention was faster than the reader', async (under) => {
      const bus = await under.open({});
      for (const block of [0, 1, 2]) await bus.publish(TOPIC, numbered(block * 10, 10));
      damage(under.dir, 'DELETE FROM blocks WHERE first_offset < 20');
      const subscription = await bus.subscribe({ topic: TOPIC, group: 'worker', position: async () => 5 });
      assert.deepEqual(
        (await subscription.next())?.records.map(({ offset }) => offset),
        range(20, 10),
      );
      assert.match(JSON.stringify(under.logged), /retention deleted records before they were read/);
    });
  });
}

describe('embedded bus: writer thread', () => {
  it('fails what it had in hand when it dies, and is replaced', { timeout: 900_000 }, async () => {
    const under = createEmbeddedUnderTest('thread');
    const threads: Worker[] = [];
    const remember = (thread: Worker): void => void threads.push(thread);
    process.on('worker', remember);
    try {
      const bus = await under.open({});
      await bus.publish(TOPIC, numbered(0, 1));
      const lost = bus.publish(TOPIC, numbered(1, 1));
      await Promise.all([
        assert.rejects(lost, (error) => isGuardianError(error, 'BUS_UNAVAILABLE') && error.retryable),
        threads[0]?.terminate(),
      ]);
      await bus.publish(TOPIC, numbered(2, 1));
      assert.deepEqual(
        (await readNumbers(bus)).filter((number) => number !== 1),
        [0, 2],
      );
      assert.equal(threads.length, 2);
    } finally {
      process.off('worker', remember);
      await under.release();
    }
  });
});

describe('embedded bus: files', () => {
  it('writes with full synchronization and refuses files of a newer program', async () => {
    const under = createEmbeddedUnderTest('inline');
    try {
      const bus = await under.open({});
      const db = openTopicFile({ dir: under.dir, topic: TOPIC, partitions: 1 });
      assert.equal(db.prepare('PRAGMA synchronous').get()?.['synchronous'], 2);
      assert.equal(db.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
      db.exec('PRAGMA user_version = 99');
      db.close();
      await bus.close();
      await assert.rejects(under.reopen(), (error) => isGuardianError(error, 'APP_DATA_DIR'));
    } finally {
      await under.release();
    }
  });

  it('keeps the write-ahead log short, and time in order when the clock is set back', async () => {
    const under = createEmbeddedUnderTest('thread');
    try {
      const bus = await under.open({});
      const value = Buffer.alloc(100_000, 'x');
      for (let index = 0; index < 400; index += 1) await bus.publish(TOPIC, [{ value }]);
      assert.ok(statSync(`${topicPath(under.dir, TOPIC)}-wal`).size < 16_000_000);
      under.clock.set(under.clock.now() - HOUR_MS);
      await bus.publish(TOPIC, [{ value }]);
      const times = (await recordsOf(bus)).map(({ publishedAt }) => publishedAt);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
        'a clock that is set back must not break the order of time',
      );
    } finally {
      await under.release();
    }
  });
});

function numbered(from: number, count: number): OutRecord[] {
  return range(from, count).map((number) => ({ key: 'here', value: Buffer.from(String(number)) }));
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

async function recordsOf(bus: Bus) {
  const records = [];
  for await (const batch of readAll(bus, TOPIC)) records.push(...batch.records);
  return records;
}

async function readNumbers(bus: Bus): Promise<number[]> {
  return (await recordsOf(bus)).map(({ value }) => Number(Buffer.from(value).toString()));
}

/** Changes the file behind the back of the bus. */
function damage(dir: string, statement: string): void {
  const db = new DatabaseSync(topicPath(dir, TOPIC), { timeout: 5000 });
  db.exec(statement);
  db.close();
}

/** Zeroes 512 bytes of the file, at the last place that holds `marker`. */
function overwriteSector(dir: string, marker: Buffer | undefined): void {
  assert.ok(marker !== undefined);
  const path = topicPath(dir, TOPIC);
  const at = readFileSync(path).lastIndexOf(marker);
  assert.ok(at > 0, 'the marker is in the file');
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(512), 0, 512, at);
  closeSync(file);
}

async function publishInThread(dir: string, count: number): Promise<void> {
  const worker = new Worker(new URL('./publishing-thread.ts', import.meta.url), { workerData: { dir, count } });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the publishing thread ended with ${code}`))));
  });
}
