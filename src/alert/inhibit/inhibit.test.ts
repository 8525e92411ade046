import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { listAlerts } from '../../store/verbs/alert/list-alerts.ts';
import { anomalyOf, eventOf, resolvedOf } from '../test-anomaly.ts';
import { createAlertHarness } from '../test-harness.ts';
import { DEFAULT_INHIBIT_RULES } from './rules.ts';
import { createInhibit, type InhibitedAlert } from './inhibit.ts';

const alertWith = (fingerprint: string, labels: Record<string, string>, severity: Severity = 'critical'): InhibitedAlert => ({
  fingerprint,
  severity,
  labels: { severity, ...labels },
  backfill: false,
});

const inhibit = createInhibit(DEFAULT_INHIBIT_RULES);
const isInhibited = (alert: InhibitedAlert, ...firing: InhibitedAlert[]): boolean => inhibit(alert, [alert, ...firing]).length > 0;

test('a part has no news while the whole has none', () => {
  const fleet = alertWith('f', { type: 'no_data' });
  const merchant = alertWith('m', { type: 'low_volume', merchant_id: 'm-1' }, 'warning');
  assert.deepEqual(inhibit(merchant, [fleet, merchant]), ['f']);
  assert.equal(isInhibited(fleet, merchant), false);
});

test('the same trouble with the same code is one cause; another code or type is another', () => {
  const fleet = alertWith('f', { type: 'denials_above_normal', auth_code: '51', status: 'denied' });
  const part = (labels: Record<string, string>) =>
    alertWith('m', { type: 'denials_above_normal', merchant_id: 'm-1', status: 'denied', ...labels });
  assert.equal(isInhibited(part({ auth_code: '51' }), fleet), true);
  assert.equal(isInhibited(part({ auth_code: '91' }), fleet), false);
  assert.equal(isInhibited(part({ auth_code: '51', type: 'failures_above_normal' }), fleet), false);
});

test('an acquirer inhibits its own merchants only', () => {
  const acquirer = alertWith('a', { type: 'failures_above_normal', acquirer: 'rede' });
  const merchant = (name: string) => alertWith('m', { type: 'failures_above_normal', acquirer: name, merchant_id: 'm-1' });
  assert.equal(isInhibited(merchant('rede'), acquirer), true);
  assert.equal(isInhibited(merchant('stone'), acquirer), false);
});

test('what is worse than its source is never inhibited', () => {
  const fleet = alertWith('f', { type: 'no_data' }, 'warning');
  assert.equal(isInhibited(alertWith('m', { type: 'no_data', merchant_id: 'm-1' }, 'critical'), fleet), false);
  assert.equal(isInhibited(alertWith('m', { type: 'no_data', merchant_id: 'm-1' }, 'info'), fleet), true);
});

test('two alerts that meet both sides of a rule do not inhibit one another; history inhibits nothing', () => {
  const rule = [{ source_matchers: ['merchant_id!=""'], target_matchers: ['merchant_id!=""'], equal: [] }];
  const [one, other] = [alertWith('1', { merchant_id: 'a' }), alertWith('2', { merchant_id: 'b' })];
  assert.deepEqual(createInhibit(rule)(one, [one, other]), []);
  const old = { ...alertWith('f', { type: 'no_data' }), backfill: true };
  assert.equal(isInhibited(alertWith('m', { type: 'no_data', merchant_id: 'm-1' }), old), false);
});

let database: Database;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('an inhibited alert is listed with its cause, and notifies when the cause is over and it still burns', async (t) => {
  const harness = await createAlertHarness(database);
  t.after(harness.release);
  await harness.restart({ inhibitRules: DEFAULT_INHIBIT_RULES });
  const fleet = { node: { kind: 'fleet' as const }, slice: { share: 1 }, type: 'no_data' as const, severity: 'critical' as const };
  const part = (id: string) =>
    anomalyOf({ id: `an_${id}`, type: 'low_volume', node: { kind: 'merchant', merchant_id: id }, slice: { share: 1 } });
  await harness.publish(eventOf('opened', 1, anomalyOf({ id: 'an_fleet', ...fleet })));
  await harness.publish(eventOf('opened', 2, part('m-1')), eventOf('opened', 3, part('m-2')));
  await harness.advance(5000);
  assert.equal(harness.sent.length, 1);
  assert.deepEqual(
    harness.sent[0]?.payload.alerts.map(({ labels }) => labels['type']),
    ['no_data'],
  );
  const cause = harness.sent[0]?.payload.alerts[0]?.fingerprint;
  const listed = (await listAlerts(database, { status: 'firing' })).items.filter(({ inhibited_by: by }) => by.length > 0);
  assert.deepEqual(listed.map(({ slice, inhibited_by: by }) => `${slice.merchant_id} by ${by.join()}`).toSorted(), [
    `m-1 by ${cause}`,
    `m-2 by ${cause}`,
  ]);

  await harness.publish(eventOf('resolved', 4, resolvedOf({ id: 'an_fleet', ...fleet })));
  await harness.advance(1000);
  await harness.publish(
    eventOf('resolved', 5, { ...resolvedOf(), ...part('m-1'), status: 'resolved', resolved_at: '2025-07-12T20:21:00.000Z' }),
  );
  await harness.advance(60_000);
  await harness.advance(60_000);
  const told = harness.sent
    .slice(1)
    .flatMap(({ payload }) => payload.alerts.map(({ labels, status }) => `${labels['merchant'] ?? 'fleet'} ${status}`));
  assert.deepEqual(told.toSorted(), ['fleet resolved', 'm-2 firing'], 'm-1 ended with its cause');
});
