import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { CLAWDBOT, createAlertHarness } from '../alert/test-harness.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { readPages } from '../store/verbs/briefing/shift-figures.ts';
import { sendCanaries } from './canary.ts';
import { createProofReport } from './proof-report.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('a canary comes at its interval while the detector is up to date, is no page, and without it nothing counts as well', async (t) => {
  const harness = await createAlertHarness(database, [{ ...CLAWDBOT, name: 'quiet' }]);
  t.after(harness.release);
  let isJudged = true;
  const options = { receivers: ['quiet'], everyMs: 300_000, locale: 'en' as const, timeZone: 'UTC', isJudged: async () => isJudged };
  const registry = new Registry();
  const canary = { receivers: ['quiet'], maxAgeMs: 660_000 };
  const report = createProofReport(database, registry, { receivers: [{ name: 'quiet', kind: 'webhook' }], canary });
  const go = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 30) {
      await sendCanaries(database, options, harness.now);
      await harness.advance(30_000);
      await report.look(harness.now);
    }
  };
  const begunAt = harness.now;
  assert.equal(report.health().status, 'degraded', 'not proven yet');
  await go(900);
  assert.equal(harness.sent.length, 3);
  assert.equal(new Set(harness.sent.map(({ id }) => id)).size, 3);
  assert.equal(report.health().status, 'ok');
  const shown = (await registry.getSingleMetric('guardian_last_proven_delivery_timestamp_seconds')?.get())?.values[0];
  assert.ok(Number(shown?.value) * 1000 > begunAt);
  assert.deepEqual(await readPages(database, begunAt, harness.now + 1), [], 'no page of a shift');
  assert.equal((await database.query('select 1 from alert')).length + (await database.query('select 1 from anomaly')).length, 0);

  isJudged = false;
  await go(900);
  assert.equal(harness.sent.length, 3);
  assert.match(report.health().detail ?? '', /quiet \d+ min ago/);
  assert.equal(report.health().status, 'degraded');

  isJudged = true;
  harness.answer = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  await go(60);
  assert.equal(report.health().status, 'degraded');
  harness.answer = () => ({ kind: 'delivered' });
  await go(120);
  assert.equal(report.health().status, 'ok');
});
