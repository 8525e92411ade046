import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { appendRecord, openBlock } from './block.ts';
import { openTopicFile, topicPath } from './topic-file.ts';
import { createTopicFiles, type TopicFiles } from './topic-files.ts';
import type { RetentionFloor, WriterSettings } from './writer.ts';

const HOUR_MS = 3_600_000;
const FREE: RetentionFloor = new Map();
// What repeats would be compressed away.
const VALUE = randomBytes(100_000);

function withFiles(retention: WriterSettings['retention'], work: (files: TopicFiles, dir: string) => void): void {
  const dir = mkdtempSync(join(tmpdir(), 'guardian-retention-'));
  const partitions = Object.fromEntries(Object.values(TOPICS).map((topic) => [topic, 1])) as Record<Topic, number>;
  const files = createTopicFiles({ dir, partitions, retention });
  try {
    work(files, dir);
  } finally {
    files.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function append(files: TopicFiles, topic: Topic, publishedAt: number): number {
  const block = openBlock(VALUE.byteLength + 10);
  appendRecord(block, { value: VALUE });
  const [outcome] = files.append([
    { topic, publishedAt, blocks: [{ partition: 0, count: 1, bytes: block.bytes.subarray(0, block.used) }] },
  ]);
  assert.ok(outcome !== undefined && 'offsets' in outcome);
  return outcome.offsets[0] ?? -1;
}

function keptOffsets(dir: string, topic: Topic): number[] {
  const db = openTopicFile({ dir, topic, partitions: 1 });
  const rows = db.prepare('SELECT first_offset FROM blocks ORDER BY first_offset').all();
  db.close();
  return rows.map((row) => Number(row['first_offset']));
}

describe('retention of the log', () => {
  it('deletes what is too old but never the newest block, and never uses an offset again', () => {
    withFiles({ hours: 1, bytes: 1e9 }, (files, dir) => {
      for (let index = 0; index < 6; index += 1) append(files, TOPICS.transactions, index * HOUR_MS);
      assert.equal(files.maintain(3 * HOUR_MS, FREE).deletedBlocks, 2);
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [2, 3, 4, 5]);
      files.maintain(1000 * HOUR_MS, FREE);
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [5]);
      assert.equal(append(files, TOPICS.transactions, 1000 * HOUR_MS), 6);
    });
  });

  it('deletes the oldest transactions until their size fits, and the oldest of what is made of them until theirs does', () => {
    withFiles({ hours: 1000, bytes: 350_000, derivedBytes: 550_000 }, (files, dir) => {
      for (let index = 0; index < 5; index += 1) {
        for (const topic of [TOPICS.transactions, TOPICS.windows, TOPICS.anomalies]) append(files, topic, index);
      }
      const report = files.maintain(10, FREE);
      assert.equal(report.deletedBlocks, 7);
      assert.ok(report.sizeBytes <= 900_000);
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [2, 3, 4]);
      assert.deepEqual(
        [...keptOffsets(dir, TOPICS.windows), ...keptOffsets(dir, TOPICS.anomalies)].toSorted((a, b) => a - b),
        [2, 3, 3, 4, 4],
      );
      assert.equal(report.isFull, false);
      assert.equal(files.maintain(10, FREE).deletedBlocks, 0);
    });
  });

  it('keeps what a reader still needs, however old and however much it is, and says when no room is left', () => {
    withFiles({ hours: 1, bytes: 350_000 }, (files, dir) => {
      for (let index = 0; index < 6; index += 1) {
        append(files, TOPICS.transactions, 0);
        append(files, TOPICS.windows, 0);
      }
      const floorAt = (offset: number): RetentionFloor =>
        new Map([
          [TOPICS.transactions, new Map([[0, offset]])],
          [TOPICS.windows, new Map()],
        ]);
      const held = files.maintain(1000 * HOUR_MS, floorAt(1));
      assert.deepEqual([held.deletedBlocks, held.isFull, held.fill > 1], [1, true, true]);
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [1, 2, 3, 4, 5]);
      assert.deepEqual(keptOffsets(dir, TOPICS.windows), [0, 1, 2, 3, 4, 5]);
      assert.equal(files.maintain(1000 * HOUR_MS, floorAt(3)).isFull, false);
      files.maintain(1000 * HOUR_MS, floorAt(6));
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [5]);
    });
  });

  it('is not full when the newest block alone is larger than the limit and everything is counted', () => {
    withFiles({ hours: 1, bytes: 50_000 }, (files) => {
      append(files, TOPICS.transactions, 0);
      const floor = new Map([[TOPICS.transactions, new Map([[0, 1]])]]);
      assert.equal(files.maintain(1, floor).isFull, false);
      assert.equal(files.maintain(1, new Map([[TOPICS.transactions, new Map()]])).isFull, true);
    });
  });

  it('works in small steps and gives the space back', () => {
    withFiles({ hours: 1, bytes: 1e9 }, (files, dir) => {
      for (let index = 0; index < 400; index += 1) append(files, TOPICS.transactions, 0);
      const sizeOf = (): number => statSync(topicPath(dir, TOPICS.transactions)).size;
      let steps = 0;
      for (let more = true; more; steps += 1) {
        const report = files.maintain(2 * HOUR_MS, FREE);
        assert.ok(report.deletedBlocks <= 64);
        more = report.more;
        assert.ok(steps < 50, 'retention never ends');
      }
      assert.ok(steps > 5);
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [399]);
      files.close();
      assert.ok(sizeOf() < 20_000_000, `the file still has ${sizeOf()} bytes`);
    });
  });

  it('uses freed pages again: the file stops growing', () => {
    withFiles({ hours: 1000, bytes: 2_000_000 }, (files, dir) => {
      const sizes: number[] = [];
      for (let round = 0; round < 10; round += 1) {
        for (let index = 0; index < 40; index += 1) append(files, TOPICS.transactions, round);
        files.maintain(10, FREE);
        sizes.push(statSync(topicPath(dir, TOPICS.transactions)).size);
      }
      assert.ok((sizes.at(-1) ?? 0) < 12_000_000, sizes.join(' '));
    });
  });
});
