import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import { Registry } from 'prom-client';
import { anomalyOf, eventOf } from '../alert/test-anomaly.ts';
import { CLAWDBOT, createAlertHarness } from '../alert/test-harness.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { readPages } from '../store/verbs/briefing/shift-figures.ts';
import { queueCanary } from './canary.ts';
import { createProofReport } from './proof-report.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const OPTIONS = { receivers: ['quiet'], everyMs: 300_000, localeOf: () => 'en' as const, timeZone: 'UTC' };

async function harness() {
  const registry = new Registry();
  const canary = { receivers: ['quiet'], maxAgeMs: 660_000 };
  const report = createProofReport(database, registry, { receivers: [{ name: 'quiet', kind: 'webhook' }], canary });
  const alerts = await createAlertHarness(database, [{ ...CLAWDBOT, name: 'quiet' }], {}, (tx, event, now) =>
    queueCanary(tx, OPTIONS, event, now),
  );
  return { alerts, report, registry };
}

test('a test transaction that comes through is a page, which is no alert; without it nothing counts as well', async (t) => {
  const { alerts, report, registry } = await harness();
  t.after(alerts.release);
  const begunAt = alerts.now;
  const pass = async (seconds: number, comesThrough: boolean): Promise<void> => {
    for (let second = 0; second < seconds; second += 30) {
      if (comesThrough && (alerts.now - begunAt) % 300_000 === 0)
        await alerts.publish({ v: 1, event: 'canary', sent_at: alerts.now - 12_000 });
      await alerts.advance(30_000);
      await report.look(alerts.now);
    }
  };
  assert.equal(report.health().status, 'degraded', 'not proven yet');
  await pass(900, true);
  assert.equal(alerts.sent.length, 3);
  assert.equal(new Set(alerts.sent.map(({ id }) => id)).size, 3);
  assert.equal(report.health().status, 'ok');
  const valueOf = async (name: string) => Number((await registry.getSingleMetric(name)?.get())?.values[0]?.value);
  assert.ok((await valueOf('guardian_last_proven_delivery_timestamp_seconds')) * 1000 > begunAt);
  assert.equal(await valueOf('guardian_canary_seconds'), 42, 'from the acceptance to the receipt');
  assert.deepEqual(await readPages(database, begunAt, alerts.now + 1), [], 'no page of a shift');
  assert.equal((await database.query('select 1 from alert')).length + (await database.query('select 1 from anomaly')).length, 0);

  await pass(900, false);
  assert.equal(alerts.sent.length, 3);
  assert.match(detailOf(report.health()), /to quiet \d+m \d+s ago/);
  assert.equal(report.health().status, 'degraded');

  alerts.answer = () => ({ kind: 'retry', error: 'HTTP 500', afterMs: 0 });
  await pass(60, true);
  assert.equal(report.health().status, 'degraded');
  alerts.answer = () => ({ kind: 'delivered' });
  await pass(120, true);
  assert.equal(report.health().status, 'ok');
});

test('several processes that send test transactions make one page; a log that is read again makes none', async (t) => {
  const { alerts } = await harness();
  t.after(alerts.release);
  const sentAt = alerts.now;
  await alerts.publish({ v: 1, event: 'canary', sent_at: sentAt }, { v: 1, event: 'canary', sent_at: sentAt + 900 });
  await alerts.advance(1000);
  await alerts.publish({ v: 1, event: 'canary', sent_at: sentAt + 1000 });
  await alerts.advance(1000);
  assert.equal(alerts.sent.length, 1);
  await alerts.advance(900_000);
  await alerts.publish({ v: 1, event: 'canary', sent_at: sentAt + 300_000 });
  await alerts.advance(1000);
  assert.equal(alerts.sent.length, 1);
});

test('how long pages took stands beside the age of the last proof', async (t) => {
  const { alerts, report } = await harness();
  t.after(alerts.release);
  const began = new Date(alerts.now - 70_000).toISOString();
  await alerts.publish(eventOf('opened', 10, anomalyOf({ started_at: began, detected_at: began })));
  await alerts.advance(5000);
  await report.look(alerts.now);
  assert.match(
    detailOf(report.health()),
    /^last proven delivery to quiet 0s ago; bad minute to receipt p50 15 s, p99 15 s \(1 alert in 24 h\)$/,
  );
});
