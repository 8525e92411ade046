import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { readSelfAlerts } from '../../store/verbs/process/self-alerts.ts';
import { until } from '../../test-until.ts';
import type { ProcessWatch } from '../process-watch.ts';
import { guardWaiting } from './guard-waiting.ts';
import { watchOthers } from './watch-others.ts';
import { notifiedReceiver } from './test-receiver.ts';

test('processes that wait for the log since they started: one of them notifies, and whoever has the role later resolves it', async (t) => {
  const { told, config } = await notifiedReceiver(t);
  const database = await openTestDatabase();
  const root = mkdtempSync(join(tmpdir(), 'guardian-guard-'));
  t.after(async () => {
    await database.close();
    rmSync(root, { recursive: true, force: true });
  });
  const deps = { clock: systemClock, log: pino({ level: 'silent' }), root, database };
  let isAway = true;
  const watch: ProcessWatch = {
    view: (role) => ({ role, state: isAway ? 'missing' : 'working', silentMs: isAway ? 5000 : 0, reports: [] }),
  };
  let holders = 0;
  /** A lock that the first one has until it gives it back. */
  const take = async ({ signal }: { readonly signal: AbortSignal }) => {
    if (holders > 0) await once(signal, 'abort');
    if (signal.aborted) return null;
    holders += 1;
    return { isHeld: () => true, release: async () => void (holders -= 1) };
  };
  const stops = [1, 2].map(() => guardWaiting(config, deps, { watch, isWaiting: () => isAway, take }));
  await until(() => told.length > 0);
  await until(async () => (await readSelfAlerts(database, 'data')).size > 0);
  isAway = false;
  await until(() => holders === 0);
  const stopNext = watchOthers(config, deps, { watch, has: (role) => role === 'data', own: ['data'] });
  await until(() => told.length > 1);
  for (const stop of stops) await stop();
  await stopNext();
  assert.deepEqual(told, ['GuardianDetectionStandsStill firing', 'GuardianDetectionStandsStill resolved']);
});
