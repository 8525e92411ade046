import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { systemClock } from '../clock.ts';
import { silentLog } from '../store/test-database.ts';
import { refusal } from './refusal.ts';
import { matches, startByAlert } from './start-by-alert.ts';
import { catalogueOf, runbookText, script } from './test-runbooks.ts';

const NOW = Date.parse('2026-03-01T03:00:00Z');
const alert = (changes: Partial<Alert> = {}): Alert => ({
  fingerprint: 'abc',
  status: 'firing',
  name: 'GuardianNoData',
  type: 'no_data',
  severity: 'critical',
  summary: '',
  description: '',
  action: '',
  runbook: null,
  slice: {},
  labels: {},
  annotations: {},
  starts_at: new Date(NOW - 60_000).toISOString(),
  ends_at: null,
  updated_at: new Date(NOW).toISOString(),
  anomaly_id: 'an_1',
  backfill: false,
  ...changes,
});

test('only a live critical alert of a named type starts a runbook', () => {
  const file = { auto: { alerts: ['no_data' as const], per_day: 1 } };
  assert.equal(matches(file, alert(), NOW), true);
  for (const changes of [
    { type: 'spike' as const },
    { severity: 'warning' as const },
    { status: 'resolved' as const },
    { backfill: true },
    { starts_at: new Date(NOW - 3_600_000).toISOString() },
  ])
    assert.equal(matches(file, alert(changes), NOW), false, JSON.stringify(changes));
  assert.equal(matches({ auto: { ...file.auto, severities: ['warning'] } }, alert({ severity: 'warning' }), NOW), true);
  assert.equal(matches({}, alert(), NOW), false);
});

test('each occurrence asks once, also when it is refused', async () => {
  const asked: string[] = [];
  let looks = 0;
  const enough = Promise.withResolvers<void>();
  const stop = startByAlert({
    catalogue: catalogueOf({
      auto: runbookText('auto', script('1'), 'confirm: none\nauto: { alerts: [no_data], per_day: 1 }'),
      hand: runbookText('hand', script('1')),
    }),
    service: { startFor: async ({ key }, name) => (asked.push(`${name} ${key}`), refusal('per_day')) },
    firing: async () => (++looks === 3 && enough.resolve(), [alert()]),
    clock: { ...systemClock, now: () => NOW },
    log: silentLog,
    everyMs: 1,
  });
  await enough.promise;
  await stop();
  assert.deepEqual(asked, ['auto abc@2026-03-01T02:59:00.000Z']);
});
