import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { Registry } from 'prom-client';
import { systemClock as clock } from '../clock.ts';
import { createAnalyzer } from '../analyze/analyzer.ts';
import { createEmbeddedUnderTest } from '../bus/embedded/bus-under-test.ts';
import { TEST_START, windowOf } from '../detect/engine/test-detector.ts';
import { createDetectWorker } from '../detect/stage/worker.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { readSnapshot } from '../store/verbs/detector/detector-snapshot.ts';
import { loadConfig } from '../config/config-load.ts';
import { detectorFactory } from './detector-factory.ts';
import { createThreadedAnalyzer } from './threaded-analyzer.ts';
import { until } from '../test-until.ts';

const { config } = loadConfig({ env: {}, cwd: '/' });
const factory = detectorFactory(config);
const FLEET = { node: 'fleet', slice: {}, minutes: 60, step: 5 };

async function createSite(t: TestContext) {
  const database = await openTestDatabase();
  const under = createEmbeddedUnderTest('inline');
  const bus = await under.open({});
  const threaded = createThreadedAnalyzer(config, { database, bus });
  t.after(async () => {
    await threaded.stop();
    await under.release();
    await database.close();
  });
  return {
    database,
    bus,
    threaded,
    publish: (from: number, to: number) =>
      bus.publish(
        TOPICS.windows,
        Array.from({ length: to - from }, (_, at) => ({ value: Buffer.from(JSON.stringify(windowOf(from + at, 40 + ((from + at) % 7)))) })),
      ),
  };
}

test('the thread judges as this one would, and one request too many is told to come back', async (t) => {
  const { database, threaded } = await createSite(t);
  const records = Array.from({ length: 40 }, (_, minute) => ({
    status: 'denied' as const,
    count: minute === 39 ? 90 : 3,
    occurred_at: Date.UTC(2026, 10, 22, 12, minute),
  }));
  const here = createAnalyzer({ database, clock, createDetector: factory.create }, { timeZone: config.time_zone, ...factory });
  assert.deepEqual(await threaded.analyze(records, 'en'), await here(records, 'en'));
  const many = await Promise.allSettled(Array.from({ length: 17 }, () => threaded.analyze(records, 'en')));
  const refused = many.filter((one) => one.status === 'rejected').map((one) => (one.reason as { code: string }).code);
  assert.deepEqual(refused, ['HTTP_BUSY']);
  await threaded.stop();
  assert.equal((await threaded.analyze(records, 'en')).basis, 'request', 'it starts again when it is needed');
});

test('a forecast comes from the stored state and the minutes since, as that of the detector that has scored them', async (t) => {
  const { database, bus, threaded, publish } = await createSite(t);
  assert.deepEqual(await threaded.forecast(FLEET), factory.create(null).forecast(FLEET), 'nothing is known yet');
  await publish(0, 90);
  const worker = createDetectWorker(
    { bus, database, clock, log: silentLog, metrics: new Registry(), createDetector: factory.create },
    { owner: 'w', detectorVersion: factory.detectorVersion, configHash: factory.stateHash, snapshotEveryMinutes: 30 },
  );
  await worker.start();
  await until(async () => (await readSnapshot(database, 'main'))?.nextOffset === 90);
  await worker.stop();
  const stored = factory.create((await readSnapshot(database, 'main'))?.body ?? null);
  assert.deepEqual(await threaded.forecast(FLEET), stored.forecast(FLEET));

  await publish(90, 100);
  const later = await threaded.forecast(FLEET);
  assert.equal(later?.from, new Date(TEST_START + 100 * 60_000).toISOString(), 'minutes that nobody has stored yet are in it');
  for (let at = 90; at < 100; at += 1) stored.step(windowOf(at, 40 + (at % 7)));
  assert.deepEqual(later, stored.forecast(FLEET));
  assert.equal(await threaded.forecast({ ...FLEET, node: 'merchant:none', slice: { merchant_id: 'none' } }), null);
});
