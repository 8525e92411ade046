import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import { pino } from 'pino';
import { startReports, type ProcessReport, type ProcessState } from './process-report.ts';
import { createProcessWatch, QUIET_MS, STALE_MS } from './process-watch.ts';
import { absenceOf, splitHealth, splitSelfState, splitStandstill } from './split-health.ts';
import { until } from '../test-until.ts';
import type { StageHealth } from '../stage.ts';

const STATE: ProcessState = { state: 'working', checks: { window: { status: 'ok' } }, isBehindNotified: false, metrics: [] };

/** A data directory, its processes and the clock of who watches them. */
function createSite(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'guardian-reports-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'processes'));
  const time = { wall: 1_700_000_000_000, monotonic: 0 };
  const clock = { now: () => time.wall, monotonic: () => time.monotonic };
  let number = 0;
  return {
    root,
    clock,
    time,
    pass(ms: number) {
      time.wall += ms;
      time.monotonic += ms;
    },
    report(role: ProcessReport['role'], said: Partial<ProcessReport> = {}) {
      number += 1;
      const report: ProcessReport = { role, pid: 1, instance: `${role}-1`, number, at: time.wall, ...STATE, ...said };
      writeFileSync(join(root, 'processes', `${report.instance}.json`), JSON.stringify(report));
    },
  };
}

test('a role is missing before its first report, working while it reports, and stale once it does not any more', (t) => {
  const site = createSite(t);
  const watch = createProcessWatch(site.root, site.clock);
  assert.equal(watch.view('window').state, 'missing');
  assert.match(detailOf(splitHealth(watch, ['window'])['role:window'] ?? {}), /^missing: no window process has reported/);
  site.pass(1000);
  site.report('window');
  assert.deepEqual(splitHealth(watch, ['window']), { 'role:window': { status: 'ok' }, window: { status: 'ok' } });
  site.pass(QUIET_MS);
  assert.equal(watch.view('window').state, 'working');
  site.pass(1000);
  assert.equal(absenceOf(watch, 'window', 30_000), null, 'nobody knows');
  assert.deepEqual(splitHealth(watch, ['window']), {
    'role:window': { status: 'degraded', reasons: [{ code: 'part_role_quiet', params: { role: 'window', seconds: 5 } }] },
  });
  site.pass(STALE_MS - QUIET_MS);
  assert.deepEqual(splitHealth(watch, ['window']), {
    'role:window': { status: 'down', reasons: [{ code: 'part_role_stale', params: { role: 'window', seconds: 11 } }] },
  });
  site.report('window');
  site.pass(1000);
  assert.equal(watch.view('window').state, 'working');
});

test('what a dead process has left is no sign of life, nor is a clock that is set', (t) => {
  const site = createSite(t);
  site.report('detect', { at: site.time.wall - STALE_MS - 1 });
  const watch = createProcessWatch(site.root, site.clock);
  assert.equal(watch.view('detect').state, 'missing');
  site.report('window');
  site.pass(1000);
  assert.equal(watch.view('window').state, 'working');
  site.time.wall += 3_600_000;
  site.time.monotonic += 1000;
  assert.equal(watch.view('window').state, 'working', 'an hour forward');
  site.time.wall -= 7_200_000;
  site.report('window');
  site.time.monotonic += 1000;
  assert.equal(watch.view('window').state, 'working', 'two hours back');
  site.time.monotonic += STALE_MS + 1;
  assert.equal(watch.view('window').state, 'stale');
});

test('one of two processes is enough, and the worse state of a part is shown', (t) => {
  const site = createSite(t);
  const watch = createProcessWatch(site.root, site.clock);
  site.report('window', { instance: 'a', checks: { window: { status: 'ok' } } });
  const window: StageHealth = { status: 'degraded', reasons: [{ code: 'failure_message', params: { message: 'the disk is slow' } }] };
  site.report('window', { instance: 'b', checks: { window } });
  assert.deepEqual(splitHealth(watch, ['window']), {
    'role:window': { status: 'ok' },
    window,
  });
});

test('a lasting absence and a reported standstill notify, unless the receivers know that detection is behind', (t) => {
  const site = createSite(t);
  const watch = createProcessWatch(site.root, site.clock);
  const roles = ['window', 'detect'] as const;
  assert.equal(splitSelfState(watch, splitStandstill(watch, roles, 30_000), false), null, 'nothing is proven yet');
  site.report('window');
  watch.view('window');
  site.pass(29_000);
  site.report('window');
  assert.equal(splitStandstill(watch, roles, 30_000), undefined);
  site.pass(2000);
  site.report('window');
  const missing = { code: 'self_role_missing', params: { role: 'detect', seconds: 31 } };
  assert.deepEqual(splitSelfState(watch, splitStandstill(watch, roles, 30_000), true), missing);

  const standstill = { forMs: 40_000, reason: { code: 'self_unfinished', params: { part: 'detect' } } } as const;
  site.report('detect', { standstill });
  site.pass(1000);
  assert.deepEqual(splitSelfState(watch, splitStandstill(watch, roles, 30_000), true), standstill.reason);
  site.report('detect', { standstill, isBehindNotified: true });
  site.pass(1000);
  assert.equal(splitSelfState(watch, splitStandstill(watch, roles, 30_000), true), null);
  site.report('detect');
  site.pass(1000);
  assert.equal(splitSelfState(watch, splitStandstill(watch, roles, 30_000), true), undefined);
});

test('the absence of the owner is reported once it lasts, and its return; a start says nothing', (t) => {
  const site = createSite(t);
  const watch = createProcessWatch(site.root, site.clock);
  assert.equal(absenceOf(watch, 'data', 30_000), null);
  site.pass(1000);
  site.report('data', { state: 'starting' });
  assert.equal(absenceOf(watch, 'data', 30_000), null);
  site.pass(1000);
  site.report('data');
  assert.equal(absenceOf(watch, 'data', 30_000), undefined);
  site.pass(31_000);
  assert.deepEqual(absenceOf(watch, 'data', 30_000), { code: 'self_role_missing', params: { role: 'data', seconds: 31 } });
});

test('a process that reports is seen by another one, and takes its report away when it stops', async (t) => {
  const { root } = createSite(t);
  const clock = { now: Date.now, monotonic: () => performance.now() };
  const stop = startReports({ root, role: 'alert', clock, log: pino({ level: 'silent' }) }, async () => STATE);
  const isThere = () => createProcessWatch(root, clock).view('alert').state === 'working';
  await until(isThere);
  stop();
  assert.equal(isThere(), false);
});

test('two processes of one role with the same pid, as in two containers on one volume, are two', async (t) => {
  const { root } = createSite(t);
  const clock = { now: Date.now, monotonic: () => performance.now() };
  const start = () => startReports({ root, role: 'window', clock, log: pino({ level: 'silent' }) }, async () => STATE);
  const stops = [start(), start()];
  await until(() => createProcessWatch(root, clock).view('window').reports.length === 2);
  stops[0]?.();
  assert.equal(createProcessWatch(root, clock).view('window').reports.length, 1);
  stops[1]?.();
});
