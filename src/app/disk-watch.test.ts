import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import pino from 'pino';
import { Registry } from 'prom-client';
import { createDiskWatch } from './disk-watch.ts';

const GB = 1e9;

function createScene(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'guardian-disk-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const disk = { free: 100 * GB, size: GB, now: 0 };
  const metrics = new Registry();
  const clock = { now: () => disk.now, monotonic: () => disk.now };
  const watch = createDiskWatch(root, { clock, log: pino({ level: 'silent' }), metrics, measure: () => disk });
  const pass = (minutes: number, bytesAMinute: number): void => {
    for (let minute = 0; minute < minutes; minute += 1) {
      disk.now += 60_000;
      disk.free -= bytesAMinute;
      watch.look();
    }
  };
  return { watch, disk, pass, metrics, hasReserve: () => existsSync(join(root, 'reserve')) };
}

test('a disk that fills up is told three hours before, with the time that is left', async (t) => {
  const { watch, pass, metrics } = createScene(t);
  pass(60, 1e6);
  assert.deepEqual(watch.health(), { status: 'ok' });
  pass(61, 0.5 * GB);
  const { status, detail } = watch.health();
  assert.equal(status, 'degraded');
  assert.match(detail ?? '', /^full in 2\.\d h/);
  assert.match(await metrics.metrics(), /guardian_disk_full_in_seconds [89]\d{3}/);
  pass(70, 0);
  assert.deepEqual(watch.health(), { status: 'ok' });
});

test('the reserve is given up when nothing else is left, and made again when there is room', { timeout: 30_000 }, async (t) => {
  const { watch, disk, pass, hasReserve } = createScene(t);
  pass(2, 0);
  while (!hasReserve()) await sleep(10);
  disk.free = 1e6;
  pass(1, 0);
  assert.equal(hasReserve(), false);
  assert.match(watch.health().detail ?? '', /only 1 MB/);
  disk.free = 50 * GB;
  pass(2, 0);
  while (!hasReserve()) await sleep(10);
});
