import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BusRecord } from '../../bus/bus.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase, silentLog } from '../../store/test-database.ts';
import { batchOf, idsOf, NOON, transaction } from '../raw-under-test.ts';
import type { RawTransactions } from '../raw-transactions.ts';
import { openLogIndex } from './open-log-index.ts';

/** Ids of version 7 of the minutes before and after `NOON`. */
const idAt = (ms: number): string => {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000001`;
};

const kept = new Map<number, BusRecord>();
let database: Database;
let raw: RawTransactions;
let dir: string;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'guardian-retention-'));
  database = await openTestDatabase();
  const log = {
    ranges: async () => [{ partition: 0, earliest: Math.min(...kept.keys(), 1000), next: 1000 }],
    subscribe: () => Promise.reject(new Error('nothing is behind')),
    identity: () => 'one',
    readAt: (_topic: string, _partition: number, offset: number) => kept.get(offset),
  };
  const clock = { now: () => NOON, monotonic: () => NOON };
  const deps = { path: join(dir, 'raw.sqlite'), log, database, clock, logger: silentLog, rawRetentionDays: 30, memoryEntries: 4 };
  const opened = await openLogIndex({ ...deps, onDamage: () => undefined }, new Map());
  raw = await opened.catchUp(new Map());
});
after(async () => {
  await raw.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

function append(offset: number, id: string, content = '0123456789abcdef'): BusRecord {
  const value = Buffer.from(JSON.stringify(transaction(id, { content_hash: content })));
  const record = { offset, key: 'k', value, headers: {}, publishedAt: NOON + offset };
  kept.set(offset, record);
  return record;
}

test('when the log deletes a record its id is free, and the answer says that it is no longer kept', async () => {
  const ids = Array.from({ length: 20 }, (_, n) => `tx-${n}`);
  await raw.admit(
    database,
    batchOf(
      0,
      ids.map((id, offset) => append(offset, id)),
    ),
  );
  assert.equal((await raw.find('tx-3')).kind, 'kept');
  for (let offset = 0; offset < 10; offset += 1) kept.delete(offset);
  assert.deepEqual(await raw.find('tx-3'), { kind: 'expired' });
  assert.equal((await raw.find('tx-10')).kind, 'kept');
  assert.deepEqual(await raw.known(['tx-3', 'tx-10']), new Map([['tx-10', '0123456789abcdef']]));
  const again = await raw.admit(database, batchOf(0, [append(20, 'tx-3', 'fedcba9876543210'), append(21, 'tx-10')]));
  assert.deepEqual([idsOf(again), again.duplicates], [['tx-3'], 1]);
  const found = await raw.find('tx-3');
  assert.equal(found.kind === 'kept' && found.transaction.content_hash, 'fedcba9876543210');
});

test('of an id that says its time, "no longer kept" is told from "never seen"', async () => {
  assert.deepEqual(await raw.find(idAt(NOON - 60_000)), { kind: 'expired' });
  assert.deepEqual(await raw.find(idAt(NOON + 60_000)), { kind: 'unknown' });
});

test('a record that is known and cannot be read is said to be no longer kept', async () => {
  append(30, 'damaged');
  await raw.admit(database, batchOf(0, [kept.get(30) as BusRecord]));
  kept.delete(30);
  append(31, 'after');
  assert.deepEqual(await raw.find('damaged'), { kind: 'expired' });
});
