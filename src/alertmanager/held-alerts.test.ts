import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../clock.ts';
import type { ApiAnswer, callAlertmanager } from './api.ts';
import { createHeldAlerts } from './held-alerts.ts';

const alert = (fingerprint: string, labels: Record<string, string>) => ({
  ...{ fingerprint, labels, annotations: { summary: 's' }, startsAt: '2026-11-22T03:00:00.000Z' },
  status: { state: 'suppressed', silencedBy: ['x'], inhibitedBy: [] },
});

function heldOf(answers: Readonly<Record<string, ApiAnswer>>) {
  const call: typeof callAlertmanager = async ({ url }) => answers[url] ?? { kind: 'retry', error: 'ECONNREFUSED', afterMs: 0 };
  const targets = Object.keys(answers).map((url) => ({ name: url, url }));
  return createHeldAlerts(targets, { clock: systemClock, hasOurs: true, call })();
}

test('what instances hold is one list; one that does not answer is named', async () => {
  const body = [alert('a', { alertname: 'HostDown', severity: 'critical' }), { nonsense: true }];
  const down: ApiAnswer = { kind: 'retry', error: 'ECONNREFUSED', afterMs: 0 };
  const held = await heldOf({ one: { kind: 'delivered', body }, two: { kind: 'delivered', body }, three: down });
  assert.deepEqual(held.absent, ['three']);
  assert.deepEqual(held.alerts, [
    {
      fingerprint: 'a',
      startsAt: '2026-11-22T03:00:00.000Z',
      name: 'HostDown',
      severity: 'critical',
      labels: { alertname: 'HostDown', severity: 'critical' },
      description: 's',
      isSuppressed: true,
    },
  ]);
  assert.deepEqual(await heldOf({ one: down }), { alerts: null, absent: ['one'], hasOurs: true });
});
