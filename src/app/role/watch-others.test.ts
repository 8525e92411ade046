import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { readSelfAlerts } from '../../store/verbs/process/self-alerts.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { until } from '../../test-until.ts';
import type { ProcessWatch } from '../process-watch.ts';
import type { ProcessRole } from '../roles.ts';
import { watchOthers } from './watch-others.ts';
import { notifiedReceiver } from './test-receiver.ts';

test('what one process with the role data has raised is resolved by the next one, on whichever machine', async (t) => {
  const { told, config } = await notifiedReceiver(t);
  const database = await openTestDatabase();
  const folders: string[] = [];
  t.after(async () => {
    await database.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  let isDetectThere = false;
  const watch: ProcessWatch = {
    view: (role) => {
      const isThere = role !== 'detect' || isDetectThere;
      return { role, state: isThere ? 'working' : 'missing', silentMs: isThere ? 0 : 5000, reports: [] };
    },
  };
  /** A process on a machine of its own. */
  const start = (has: (role: ProcessRole) => boolean) => {
    const root = mkdtempSync(join(tmpdir(), 'guardian-watch-'));
    folders.push(root);
    return watchOthers(config, { clock: systemClock, log: pino({ level: 'silent' }), root, database }, { watch, has, own: ['data'] });
  };
  const stopFirst = start(() => true);
  const stopStandby = start(() => false);
  await until(() => told.length > 0);
  // The answer of the receiver has to come back first.
  const isKept = async (): Promise<boolean> => (await readSelfAlerts(database, 'data')).size > 0;
  await until(isKept);
  await stopFirst();
  await stopStandby();

  isDetectThere = true;
  const stopNext = start(() => true);
  await until(() => told.length > 1);
  await stopNext();
  assert.deepEqual(told, ['GuardianDetectionStandsStill firing', 'GuardianDetectionStandsStill resolved']);
});
