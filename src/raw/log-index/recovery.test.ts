import assert from 'node:assert/strict';
import { copyFileSync, cpSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { BusRecord } from '../../bus/bus.ts';
import { topicPath } from '../../bus/embedded/topic-file.ts';
import { admit, batchOf, idsOf, NOON, transaction } from '../raw-under-test.ts';
import { createIndexUnderTest, type IndexUnderTest } from './index-under-test.ts';

const OTHER = 'fedcba9876543210';
const DAY_MS = 86_400_000;

/** What the database would have counted: the ids, with how often. */
function tally(counts: Map<string, number>, ids: readonly string[]): void {
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
}

for (const memoryEntries of [8, 4096]) {
  describe(`index of the log, ${memoryEntries} entries in memory`, { timeout: 300_000 }, () => {
    let under: IndexUnderTest;
    before(async () => {
      under = await createIndexUnderTest({ memoryEntries });
    });
    after(() => under.release());
    beforeEach(() => under.setNow(NOON));

    const many = (name: string, count: number) => Array.from({ length: count }, (_, index) => transaction(`${name}-${index}`));
    const names = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
    /** Admits without a commit, as before a crash. */
    const admitOnly = (partition: number, sources: readonly BusRecord[]) => under.raw().admit(under.database, batchOf(partition, sources));

    test('what was admitted and not counted is new after a kill', async () => {
      const sources = await under.publish(0, many('uncounted', 30));
      await admitOnly(0, sources);
      await under.reopen('killed');
      assert.deepEqual(idsOf(await admit(under, 0, sources)), names('uncounted', 30));
    });

    test('a database that has lost its last commits gets the same again', async () => {
      await admit(under, 0, await under.publish(0, many('sure', 5)));
      const before = new Map(under.offsets);
      const lost = await under.publish(0, [...many('lost', 20), transaction('sure-1')]);
      await admit(under, 0, lost);
      under.offsets.clear();
      for (const [partition, offset] of before) under.offsets.set(partition, offset);
      await under.reopen('stopped');
      const again = await admit(under, 0, lost);
      assert.deepEqual([idsOf(again), again.duplicates], [names('lost', 20), 1]);
    });

    test('a database that begins again gets everything that the log has', async () => {
      const sources = await under.publish(0, [...many('anew', 20), transaction('anew-3')]);
      await admit(under, 0, sources);
      under.offsets.clear();
      await under.reopen('killed');
      const again = await admit(under, 0, sources);
      assert.deepEqual([idsOf(again), again.duplicates], [names('anew', 20), 1]);
    });

    test('an index that is gone, or no database, is rebuilt from the log', async () => {
      await admit(under, 1, await under.publish(1, many('remade', 20)));
      for (const harm of [() => rmSync(under.path, { force: true }), () => writeFileSync(under.path, 'no database '.repeat(1000))]) {
        await under.raw().close();
        harm();
        await under.openIndex();
        const { admitted, sources } = await send(1, transaction('remade-2'), transaction('remade-3', { content_hash: OTHER }));
        assert.deepEqual([idsOf(admitted), admitted.duplicates, admitted.conflicts], [[], 1, [sources[1]]]);
        assert.equal((await under.raw().find('remade-19')).kind, 'kept');
      }
    });

    test('a file that turns out to be damaged is rebuilt at the next opening', async () => {
      await admit(under, 0, await under.publish(0, many('torn', 60)));
      await under.raw().close();
      truncateSync(under.path, 8192 * 4);
      await under.openIndex().catch(() => undefined);
      await assert.doesNotReject(async () => {
        try {
          await under.raw().known(names('torn', 60));
        } catch {
          await under.openIndex();
        }
      });
      assert.equal((await under.raw().known(names('torn', 60))).size, 60);
    });

    const send = async (partition: number, ...records: ReturnType<typeof transaction>[]) => {
      const sources = await under.publish(partition, records);
      return { sources, admitted: await admit(under, partition, sources) };
    };

    test('of a log with other offsets, as after a repair, what was counted stays known and what was not is new', async () => {
      await admit(under, 0, await under.publish(0, many('repaired', 20)));
      const uncounted = await under.publish(0, many('waiting', 10));
      await admitOnly(0, uncounted);
      await under.withLogClosed(() => {
        for (const part of ['', '-wal', '-shm']) rmSync(topicPath(under.logDir, TOPICS.transactions) + part, { force: true });
      });
      // The database goes back to the start of a log that is another one.
      const restart = new Map([[0, 0]]);
      await under.openIndex(restart);
      under.offsets.clear();
      under.offsets.set(0, 0);
      const sources = await under.publish(0, [...many('repaired', 20), ...many('waiting', 10)]);
      const first = await admit(under, 0, sources.slice(0, 15));
      assert.deepEqual([idsOf(first), first.duplicates], [[], 15]);
      await under.reopen('killed');
      const rest = await admit(under, 0, sources.slice(15));
      assert.deepEqual([idsOf(rest), rest.duplicates], [names('waiting', 10), 5]);
      assert.equal((await under.raw().find('repaired-3')).kind, 'kept', 'its place in the new log is known');
      // Given once more, as after a commit that was lost: nothing counts twice.
      const twice = await admit(under, 0, sources);
      assert.deepEqual([idsOf(twice), twice.duplicates], [names('waiting', 10), 20]);
    });

    test('of an older copy of the log, places that it gives out again are not mistaken', async () => {
      await admit(under, 0, await under.publish(0, many('older', 10)));
      const copy = join(under.logDir, '..', `copy-${memoryEntries}`);
      await under.withLogClosed(() => cpSync(under.logDir, copy, { recursive: true }));
      await under.openIndex();
      await admit(under, 0, await under.publish(0, many('newer', 10)));
      await under.withLogClosed(() => {
        rmSync(under.logDir, { recursive: true, force: true });
        cpSync(copy, under.logDir, { recursive: true });
      });
      const ended = (await under.bus().ranges(TOPICS.transactions)).find(({ partition }) => partition === 0);
      await under.openIndex(new Map([[0, 0]]));
      under.offsets.clear();
      under.offsets.set(0, 0);
      const sources = await under.publish(0, [...many('fresh', 10), transaction('newer-4')]);
      assert.equal(sources[0]?.offset, ended?.next, 'the offsets of `newer` are given out again');
      const { records, duplicates } = await admit(under, 0, sources);
      assert.deepEqual([idsOf({ records }), duplicates], [names('fresh', 10), 1]);
      assert.deepEqual(await under.raw().find('newer-5'), { kind: 'expired' }, 'counted, and on no log');
      assert.equal((await under.raw().find('fresh-1')).kind, 'kept');
    });

    test('rows of an earlier version are known and found until they expire', async () => {
      await under.database.query(
        `insert into transaction_before (id, occurred_at, ingested_at, status, count, source, backfill, content_hash)
         select 'row-' || n, $1, $1, 'approved', 1, 'test', false, '0123456789abcdef' from generate_series(1, 50) as n`,
        [NOON],
      );
      await under.raw().close();
      copyFileSync(under.path, `${under.path}.kept`);
      rmSync(under.path);
      await under.openIndex();
      const { admitted, sources } = await send(
        0,
        transaction('row-7'),
        transaction('row-8', { content_hash: OTHER }),
        transaction('row-new'),
      );
      assert.deepEqual([idsOf(admitted), admitted.duplicates, admitted.conflicts], [['row-new'], 1, [sources[1]]]);
      assert.equal((await under.raw().find('row-9')).kind, 'kept');
      under.setNow(NOON + 31 * DAY_MS);
      assert.equal((await under.raw().known(['row-9'])).size, 0, 'past raw_retention_days');
      await under.database.exec('truncate transaction');
      assert.equal((await under.raw().find('row-9')).kind, 'expired');
    });

    test('counts come out once, whatever stops in between', async () => {
      const counts = new Map<string, number>();
      let seed = memoryEntries;
      const random = (below: number): number => {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        return Math.floor((seed / 2 ** 32) * below);
      };
      for (let round = 0; round < 120; round += 1) {
        const partition = random(2);
        const sources = await under.publish(
          partition,
          Array.from({ length: 1 + random(12) }, () => transaction(`chance-${random(300)}`)),
        );
        if (random(3) === 0) await admitOnly(partition, sources.slice(0, random(sources.length + 1)));
        if (random(4) === 0) await under.reopen(random(2) === 0 ? 'killed' : 'stopped');
        const cut = random(sources.length + 1);
        tally(counts, idsOf(await admit(under, partition, sources.slice(0, cut))));
        if (random(6) === 0) await under.reopen('killed');
        tally(counts, idsOf(await admit(under, partition, sources.slice(cut))));
      }
      assert.ok(counts.size > 200);
      assert.deepEqual(
        [...counts].filter(([, times]) => times !== 1),
        [],
      );
    });
  });
}
