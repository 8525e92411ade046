import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '../../test-database.ts';
import { readHeldSince } from './held-since.ts';
import { writeReports } from './process-reports.ts';

const NOW = 1_790_000_000_000;

test('the oldest that any API holds counts, also for a minute after that one has died', async () => {
  const database = await openTestDatabase();
  try {
    const report = (instance: string, at: number, heldSince?: number | null, role = 'api') =>
      writeReports(database, [{ instance, role, number: 1, at, report: heldSince === undefined ? {} : { heldSince } }]);
    assert.equal(await readHeldSince(database, NOW), null);
    await report('holds nothing', NOW, null);
    await report('of an earlier version', NOW);
    await report('no API', NOW, NOW - 90_000, 'window');
    assert.equal(await readHeldSince(database, NOW), null);
    await report('lives', NOW - 1000, NOW - 10_000);
    await report('has died', NOW - 30_000, NOW - 40_000);
    await report('died long ago', NOW - 61_000, NOW - 80_000);
    assert.equal(await readHeldSince(database, NOW), NOW - 40_000);
  } finally {
    await database.close();
  }
});
