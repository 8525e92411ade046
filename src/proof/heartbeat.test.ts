import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { serveFake } from '../alert/notify/test-http-server.ts';
import { systemClock } from '../clock.ts';
import { silentLog } from '../store/test-database.ts';
import { standstillReason, startHeartbeat } from './heartbeat.ts';
import { until } from '../test-until.ts';

const WELL: Pick<Health, 'status' | 'checks'> = {
  status: 'healthy',
  checks: { log: { status: 'ok' }, alert: { status: 'ok' }, 'receiver:a': { status: 'ok' } },
};
const wellBut = (checks: Health['checks'], status: Health['status'] = 'degraded') => ({ status, checks: { ...WELL.checks, ...checks } });

test('a beat needs progress of ingestion, detection and delivery', () => {
  assert.equal(standstillReason(WELL), null);
  assert.match(standstillReason(wellBut({ log: { status: 'down', detail: 'disk full' } })) ?? '', /^log: disk full/);
  assert.match(standstillReason(wellBut({ detection: { status: 'down' } }, 'unhealthy')) ?? '', /^detection/);
  assert.match(standstillReason(wellBut({ detector_lag: { status: 'degraded' } })) ?? '', /^detector_lag/);
  assert.match(standstillReason(wellBut({ pipeline: { status: 'down' } })) ?? '', /^pipeline/);
  assert.match(standstillReason(wellBut({ 'outbox-relay': { status: 'degraded' } })) ?? '', /^outbox-relay/);
  assert.match(standstillReason(wellBut({ proof: { status: 'degraded', detail: 'no proof' } })) ?? '', /^proof/);
  assert.match(
    standstillReason(wellBut({ 'receiver:a': { status: 'degraded' }, alert: { status: 'degraded' } })) ?? '',
    /every receiver fails/,
  );
  assert.equal(standstillReason(wellBut({ 'receiver:b': { status: 'degraded' }, alert: { status: 'degraded' } })), null);
  assert.equal(standstillReason(wellBut({ role: { status: 'down' } }, 'unhealthy')), 'unhealthy');
  assert.equal(standstillReason(wellBut({ disk: { status: 'degraded' } })), null);
});

test('it beats while all is well, says that it fails where that is wanted, and goes on when the other side does not answer', async (t) => {
  const asked: string[] = [];
  let isDown = false;
  const url = await serveFake(t, ({ method, path }) => {
    asked.push(`${method} ${path}`);
    return isDown ? { status: 500 } : { body: 'OK' };
  });
  let health: Pick<Health, 'status' | 'checks'> = WELL;
  const metrics = new Registry();
  const deps = {
    clock: systemClock,
    log: silentLog,
    metrics,
    retryMs: 1,
    health: async () => ({ ...health, uptime: '', uptime_seconds: 1, version: '' }),
  };
  const stop = await startHeartbeat(deps, {
    url: `${url}/ping/uuid?x=1`,
    everyMs: 10,
    method: 'GET',
    signalsStart: true,
    signalsFail: true,
  });
  t.after(stop);
  await until(() => asked.length > 2);
  assert.deepEqual(asked.slice(0, 2), ['GET /ping/uuid/start', 'GET /ping/uuid']);
  health = wellBut({ detection: { status: 'down' } }, 'unhealthy');
  await until(() => asked.includes('GET /ping/uuid/fail'));
  asked.length = 0;
  await until(() => asked.length >= 6);
  assert.ok(!asked.includes('GET /ping/uuid'), 'no beat while detection stands still');
  [health, isDown] = [WELL, true];
  await until(() => asked.filter((what) => what === 'GET /ping/uuid').length >= 4);
  isDown = false;
  const sent = async () =>
    ((await metrics.getSingleMetric('guardian_heartbeat_total')?.get())?.values ?? []).find(({ labels }) => labels['outcome'] === 'sent')
      ?.value ?? 0;
  const before = await sent();
  await until(async () => (await sent()) > before, 'a beat that arrives again');
});
