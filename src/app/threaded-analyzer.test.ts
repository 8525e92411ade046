import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock as clock } from '../clock.ts';
import { createAnalyzer } from '../analyze/analyzer.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { loadConfig } from '../config/config-load.ts';
import { detectorFactory } from './detector-factory.ts';
import { createThreadedAnalyzer } from './threaded-analyzer.ts';

test('the thread judges as this one would, and one request too many is told to come back', async () => {
  const database = await openTestDatabase();
  const { config } = loadConfig({ env: {}, cwd: '/' });
  const threaded = createThreadedAnalyzer(config, { database });
  try {
    const records = Array.from({ length: 40 }, (_, minute) => ({
      status: 'denied' as const,
      count: minute === 39 ? 90 : 3,
      occurred_at: Date.UTC(2026, 10, 22, 12, minute),
    }));
    const factory = detectorFactory(config);
    const here = createAnalyzer({ database, clock, createDetector: factory.create }, { timeZone: config.time_zone, ...factory });
    assert.deepEqual(await threaded.analyze(records, 'en'), await here(records, 'en'));
    const many = await Promise.allSettled(Array.from({ length: 17 }, () => threaded.analyze(records, 'en')));
    const refused = many.filter((one) => one.status === 'rejected').map((one) => (one.reason as { code: string }).code);
    assert.deepEqual(refused, ['HTTP_BUSY']);
    await threaded.stop();
    assert.equal((await threaded.analyze(records, 'en')).basis, 'request', 'it starts again when it is needed');
  } finally {
    await threaded.stop();
    await database.close();
  }
});
