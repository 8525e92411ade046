import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Database } from '../../database.ts';
import { openTestDatabase } from '../../test-database.ts';
import { adoptLog, type LogToAdopt } from './adopt-log.ts';
import { claimPartition } from './claim-partition.ts';
import { readOrigin } from './read-origin.ts';
import { readCloser } from '../window/window-closer.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const reader = { group: 'guardian-detect', topic: TOPICS.windows, partition: 0 };
const logUpTo = (next: number): LogToAdopt => ({
  windows: TOPICS.windows,
  derived: [{ topic: TOPICS.windows, group: reader.group, ranges: [{ partition: 0, earliest: 0, next }] }],
});
const adopt = (next: number) => database.transaction((tx) => adoptLog(tx, logUpTo(next)));

test('a new database begins behind what an earlier one published; one that came back older never uses a number twice', async () => {
  assert.equal(await adopt(7), true);
  assert.equal((await readCloser(database)).sequence, 7);
  assert.equal(await readOrigin(database, reader), 7);
  assert.equal(await claimPartition(database, { ...reader, generation: 1, owner: 'me' }), 7);

  // Four windows more were published, and a power cut took their counting back.
  assert.equal(await adopt(11), false);
  assert.equal((await readCloser(database)).sequence, 11);
  assert.equal(await readOrigin(database, reader), 7, 'what it can learn from stays');

  await database.query('update window_closer set sequence = 20');
  assert.equal(await adopt(12), false);
  assert.equal((await readCloser(database)).sequence, 20, 'numbers that wait in the outbox are not used again either');
});
