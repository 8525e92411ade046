import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { isGuardianError } from '../../errors.ts';
import { readAll } from '../read-all.ts';
import { createEmbeddedUnderTest, type EmbeddedUnderTest } from './bus-under-test.ts';
import { topicPath } from './topic-file.ts';
import { quarantineDamaged, repairTopics } from './topic-repair.ts';

const BLOCKS = 20;
const A_BLOCK = 50;
const NOW = Date.UTC(2026, 10, 22);
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'overwritten with garbage': (path) => writeFileSync(path, Buffer.alloc(100_000, 'x')),
  'cut after its header': (path) => truncateSync(path, 8192),
};

async function written(topic: Topic): Promise<{ readonly under: EmbeddedUnderTest; readonly id: string }> {
  const under = createEmbeddedUnderTest('inline');
  const bus = await under.openWith({});
  for (let block = 0; block < BLOCKS; block += 1) {
    const values = Array.from({ length: A_BLOCK }, (_, index) => ({ value: Buffer.alloc(100, `${block * A_BLOCK + index}.`) }));
    await bus.publish(topic, values);
  }
  const id = bus.identity(topic);
  await bus.close();
  return { under, id };
}

async function identityOf(under: EmbeddedUnderTest, topic: Topic): Promise<string> {
  return (await under.openWith({})).identity(topic);
}

describe('files of the log that are damaged', { timeout: 600_000 }, () => {
  for (const [how, damage] of Object.entries(DAMAGES)) {
    it(`a derived topic ${how}: quarantined, and a new log takes its place`, async () => {
      const { under, id } = await written(TOPICS.windows);
      damage(topicPath(under.dir, TOPICS.windows));
      const [file, ...others] = quarantineDamaged(under.dir, NOW);
      assert.deepEqual([file?.topic, others.length], [TOPICS.windows, 0]);
      assert.ok(existsSync(file?.aside ?? ''));
      assert.notEqual(await identityOf(under, TOPICS.windows), id);
      await under.release();
    });

    it(`transactions ${how}: the start stops with the way out, and the repair names what is lost`, async () => {
      const { under, id } = await written(TOPICS.transactions);
      damage(topicPath(under.dir, TOPICS.transactions));
      assert.throws(
        () => quarantineDamaged(under.dir, NOW),
        (error) => isGuardianError(error, 'APP_DATA_DIR') && error.message.includes('guardian repair'),
      );
      const [repair] = repairTopics(under.dir, NOW);
      assert.equal(repair?.isUnreadable || (repair?.lost.length ?? 0) > 0, true, JSON.stringify(repair));
      assert.notEqual(await identityOf(under, TOPICS.transactions), id);
      assert.deepEqual(repairTopics(under.dir, NOW), []);
      await under.release();
    });
  }

  it('the generations of consumer groups: quarantined, and they begin again', async () => {
    const { under } = await written(TOPICS.windows);
    const path = topicPath(under.dir, TOPICS.windows).replace('guardian.windows', 'guardian.groups');
    for (const part of ['-wal', '-shm']) rmSync(path + part, { force: true });
    writeFileSync(path, Buffer.alloc(50_000, 'x'));
    assert.deepEqual(
      quarantineDamaged(under.dir, NOW).map(({ topic }) => topic),
      ['guardian.groups'],
    );
    const bus = await under.openWith({});
    const subscription = await bus.subscribe({ topic: TOPICS.windows, group: 'a', position: async () => 'earliest' });
    assert.equal((await subscription.next())?.records.length, BLOCKS * A_BLOCK);
    await subscription.close();
    await under.release();
  });

  it('a repair saves the blocks that can be read', async () => {
    const { under } = await written(TOPICS.transactions);
    const path = topicPath(under.dir, TOPICS.transactions);
    const db = new DatabaseSync(path);
    const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'blocks_by_offset'").get()?.['rootpage']);
    db.exec('UPDATE blocks SET data = substr(data, 1, 9) WHERE id = 3; PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(8192, 'x'), 0, 8192, (root - 1) * 8192);
    closeSync(file);
    const [repair] = repairTopics(under.dir, NOW);
    assert.equal(repair?.records, (BLOCKS - 1) * A_BLOCK);
    assert.deepEqual(repair.lost, [{ partition: 0, from: 2 * A_BLOCK, to: 3 * A_BLOCK }]);
    const bus = await under.openWith({});
    let read = 0;
    for await (const { records } of readAll(bus, TOPICS.transactions)) read += records.length;
    assert.equal(read, (BLOCKS - 1) * A_BLOCK);
    await under.release();
  });

  it('sound files, and one that was removed, need no repair; the one that takes its place is another log', async () => {
    const { under, id } = await written(TOPICS.anomalies);
    assert.deepEqual(repairTopics(under.dir, NOW), []);
    assert.equal(await identityOf(under, TOPICS.anomalies), id);
    for (const part of ['', '-wal', '-shm']) rmSync(topicPath(under.dir, TOPICS.anomalies) + part, { force: true });
    assert.deepEqual(quarantineDamaged(under.dir, NOW), []);
    assert.notEqual(await identityOf(under, TOPICS.anomalies), id);
    await under.release();
  });
});
