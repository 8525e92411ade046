import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../clock.ts';
import { loadConfig, requireValid } from '../../config/config-load.ts';
import { readSelfAlerts } from '../../store/verbs/process/self-alerts.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { until } from '../../test-until.ts';
import type { ProcessWatch } from '../process-watch.ts';
import type { ProcessRole } from '../roles.ts';
import { watchOthers } from './watch-others.ts';

interface Message {
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

test('what one process with the role data has raised is resolved by the next one, on whichever machine', async (t) => {
  const told: string[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
    request.on('end', () => {
      for (const { labels, status } of (JSON.parse(body) as Message).alerts) told.push(`${labels['alertname']} ${status}`);
      response.writeHead(200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const database = await openTestDatabase();
  const folders: string[] = [];
  t.after(async () => {
    receiver.close();
    await database.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const env = {
    GUARDIAN_ALERT_RECEIVERS: JSON.stringify([{ name: 'night-shift', url, token: 'phone-token' }]),
    GUARDIAN_WATCHDOG_STILL_S: '1',
  };
  const config = requireValid(loadConfig({ env, cwd: '/nonexistent' }));
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
