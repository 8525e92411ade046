import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { readAll } from '../bus/read-all.ts';
import { jsonHeaders } from '../topic/record-headers.ts';
import { createDetector } from '../detect/engine/create-detector.ts';
import { windowOf } from '../detect/engine/test-detector.ts';
import { createDetectWorker, DETECT_GROUP } from '../detect/stage/worker.ts';
import type { Database } from '../store/database.ts';
import { createOutboxRelay } from '../outbox/relay.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { createAlertHarness, type AlertHarness } from './test-harness.ts';
import { until } from '../test-until.ts';

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

/** A steady fleet; `count` approved, six denied of code 51 or as many as told. */
function minute(index: number, count: number, denied = 5 + (index % 3)): ClosedWindow {
  const cell = (status: 'approved' | 'denied', auth_code: string, n: number) => ({
    status,
    auth_code,
    merchant_id: '',
    acquirer: '',
    count: n,
    amount: 0,
  });
  return windowOf(index, 1, { cells: [cell('approved', '00', count), cell('denied', '51', denied)] });
}

/** Each window belongs to a trace of its own. */
const traceOfMinute = ({ sequence }: Pick<ClosedWindow, 'sequence'>): string =>
  `00-${String(sequence).padStart(32, '0')}-b7ad6b7169203331-01`;

/** Runs the detect stage and the relay over windows until their events are handled, then stops them. */
async function detect(harness: AlertHarness, windows: readonly ClosedWindow[], total: number): Promise<void> {
  const clock = { now: () => harness.now, monotonic: () => harness.now };
  const { bus } = harness;
  const deps = { bus, database, clock, log: silentLog, metrics: new Registry() };
  const relay = createOutboxRelay(deps);
  const create = (snapshot: Uint8Array | null) => createDetector({ timeZone: 'America/Sao_Paulo' }, snapshot);
  const options = { owner: `d${windows[0]?.sequence}`, detectorVersion: '1', configHash: 'c', snapshotEveryMinutes: 30, retryMs: 1 };
  const worker = createDetectWorker({ ...deps, createDetector: create }, options);
  await bus.publish(
    TOPICS.windows,
    windows.map((window) => ({ value: Buffer.from(JSON.stringify(window)), headers: jsonHeaders({ traceparent: traceOfMinute(window) }) })),
  );
  await worker.start();
  await until(
    async () => ((await readOffsets(database, { group: DETECT_GROUP, topic: TOPICS.windows })).get(0) ?? 0) >= total,
    'windows scored',
  );
  await worker.stop();
  await relay.flush();
  const end = (await bus.ranges(TOPICS.anomalies))[0]?.next ?? 0;
  await until(
    async () => ((await readOffsets(database, { group: 'guardian-alert', topic: TOPICS.anomalies })).get(0) ?? 0) >= end,
    'anomalies told',
  );
}

test('a burst of denials in closed minutes becomes one message, and one more when it is over', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  const calm = Array.from({ length: 90 }, (_, index) => minute(index, 115 + ((index * 7) % 11)));
  await detect(harness, calm, 90);
  await harness.advance(10_000);
  assert.equal(harness.sent.length, 0);

  await detect(harness, [minute(90, 90, 45), minute(91, 85, 50), minute(92, 88, 47)], 93);
  await harness.advance(5000);
  assert.equal(harness.sent.length, 1);
  // The window that opened the anomaly, all the way to the alert.
  for (const topic of [TOPICS.anomalies, TOPICS.alerts]) {
    for await (const { records } of readAll(harness.bus, topic)) {
      for (const { headers } of records) {
        assert.ok(
          [91, 92, 93].some((sequence) => headers['traceparent'] === traceOfMinute({ sequence })),
          `${topic}: ${headers['traceparent']}`,
        );
        assert.equal(headers['schema-version'], '1');
      }
    }
  }
  const [firing] = harness.sent[0]?.payload.alerts ?? [];
  assert.equal(firing?.labels['alertname'], 'GuardianDenialsAboveNormal');
  assert.match(firing?.annotations['message'] ?? '', /Negadas acima do normal.*\nSistema: Transaction Guardian\nHora: \d\d:\d\d\n/);
  assert.match(firing?.annotations['description'] ?? '', /código 51/);

  await harness.restart();
  await detect(
    harness,
    Array.from({ length: 15 }, (_, index) => minute(93 + index, 118)),
    108,
  );
  for (let round = 0; round < 10; round += 1) await harness.advance(60_000);
  assert.equal((await listAlerts(database, { status: 'firing' })).items.length, 0);
  assert.deepEqual(harness.sent.map(({ payload }) => payload.status).filter((status) => status === 'resolved').length, 1);
  assert.equal(harness.sent.at(-1)?.payload.alerts[0]?.fingerprint, firing?.fingerprint);
});
