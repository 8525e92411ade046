import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { detailOf } from '@transaction-guardian/contracts/text/part-text.ts';
import pino from 'pino';
import { Registry } from 'prom-client';
import { createDiskWatch, type DiskWatch } from './disk-watch.ts';
import { until } from '../test-until.ts';

const GB = 1e9;

function createScene(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'guardian-disk-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const disk = { free: 100 * GB, size: GB, now: 0, uncounted: 0 };
  const metrics = new Registry();
  const clock = { now: () => disk.now, monotonic: () => disk.now };
  const watch = createDiskWatch(root, {
    clock,
    log: pino({ level: 'silent' }),
    metrics,
    measure: () => disk,
    uncounted: () => disk.uncounted,
  });
  const pass = (minutes: number, bytesAMinute: number): void => {
    for (let minute = 0; minute < minutes; minute += 1) {
      disk.now += 60_000;
      disk.free -= bytesAMinute;
      watch.look();
    }
  };
  return { watch, disk, pass, metrics, hasReserve: () => existsSync(join(root, 'reserve')) };
}

test('a disk that fills up is reported three hours before, with the time that is left', async (t) => {
  const { watch, pass, metrics } = createScene(t);
  pass(60, 1e6);
  assert.deepEqual(watch.health(), { status: 'ok' });
  pass(61, 0.5 * GB);
  const { status, reasons = [] } = watch.health();
  assert.equal(status, 'degraded');
  assert.match(detailOf({ reasons }), /^full in 2\.\d h/);
  assert.match(await metrics.metrics(), /guardian_disk_full_in_seconds [89]\d{3}/);
  pass(70, 0);
  assert.deepEqual(watch.health(), { status: 'ok' });
});

test('the reserve is given up when nothing else is left, and rebuilt when there is room', { timeout: 300_000 }, async (t) => {
  const { watch, disk, pass, hasReserve } = createScene(t);
  pass(2, 0);
  await until(hasReserve);
  disk.free = 1e6;
  pass(1, 0);
  assert.equal(hasReserve(), false);
  assert.match(detailOf(watch.health()), /: 1 MB are free/);
  disk.free = 50 * GB;
  pass(2, 0);
  await until(hasReserve);
});

function whyNot(watch: DiskWatch): string {
  const reason = watch.noRoom();
  return reason === undefined ? '' : detailOf({ reasons: [reason] });
}

test('transactions are refused while there is still room for what is accepted, and taken again with some to spare', (t) => {
  const { watch, disk, pass } = createScene(t);
  disk.free = 0.15 * GB;
  pass(1, 0);
  assert.equal(watch.noRoom(), undefined);
  assert.equal(watch.health().status, 'degraded', 'it warns before it refuses');
  disk.uncounted = 200_000;
  pass(1, 0);
  assert.match(whyNot(watch), /150 MB are free .* needs 180 MB/, 'a backlog needs room of its own');
  assert.equal(watch.health().status, 'down');
  disk.uncounted = 0;
  disk.free = 0.12 * GB;
  pass(1, 0);
  assert.match(whyNot(watch), /120 MB/, 'one byte more than is needed does not open it');
  disk.free = 0.13 * GB;
  pass(1, 0);
  assert.equal(watch.noRoom(), undefined);
});

test('a large disk keeps 256 MiB, whatever its size', (t) => {
  const { watch, disk, pass } = createScene(t);
  Object.assign(disk, { size: 4000 * GB, free: 0.3 * GB });
  pass(1, 0);
  assert.equal(watch.noRoom(), undefined);
  disk.free = 0.2 * GB;
  pass(1, 0);
  assert.match(whyNot(watch), /needs 268 MB/);
});
