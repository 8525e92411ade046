import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { appendRecord, openBlock } from './block.ts';
import { openTopicFile, topicPath } from './topic-file.ts';
import { createTopicFiles, type TopicFiles } from './topic-files.ts';
import type { WriterSettings } from './writer.ts';

const HOUR_MS = 3_600_000;
const VALUE = Buffer.alloc(100_000, 'x');

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
  appendRecord(block, '', VALUE);
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
      assert.equal(files.maintain(3 * HOUR_MS).deletedBlocks, 2);
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [2, 3, 4, 5]);
      files.maintain(1000 * HOUR_MS);
      assert.deepEqual(keptOffsets(dir, TOPICS.transactions), [5]);
      assert.equal(append(files, TOPICS.transactions, 1000 * HOUR_MS), 6);
    });
  });

  it('deletes the oldest of all topics until their size fits', () => {
    withFiles({ hours: 1000, bytes: 550_000 }, (files, dir) => {
      for (let index = 0; index < 5; index += 1) {
        append(files, TOPICS.transactions, index);
        append(files, TOPICS.windows, index);
      }
      const report = files.maintain(10);
      assert.equal(report.deletedBlocks, 5);
      assert.ok(report.sizeBytes <= 550_000);
      assert.deepEqual(
        [keptOffsets(dir, TOPICS.transactions), keptOffsets(dir, TOPICS.windows)],
        [
          [3, 4],
          [2, 3, 4],
        ],
      );
      assert.equal(files.maintain(10).deletedBlocks, 0);
    });
  });

  it('works in small steps and gives the space back', () => {
    withFiles({ hours: 1, bytes: 1e9 }, (files, dir) => {
      for (let index = 0; index < 400; index += 1) append(files, TOPICS.transactions, 0);
      const sizeOf = (): number => statSync(topicPath(dir, TOPICS.transactions)).size;
      let steps = 0;
      for (let more = true; more; steps += 1) {
        const report = files.maintain(2 * HOUR_MS);
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
        files.maintain(10);
        sizes.push(statSync(topicPath(dir, TOPICS.transactions)).size);
      }
      assert.ok((sizes.at(-1) ?? 0) < 12_000_000, sizes.join(' '));
    });
  });
});
