import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from './cause.ts';
import { fingerprintOf } from './wire-labels.ts';
import { FLEET_GROUP, groupKeyOf, groupLabelsOf } from './group.ts';
import { anomalyOf } from './test-anomaly.ts';

test('denials, their auth code and the approval rate of the fleet make one group', () => {
  const keys = [
    groupKeyOf('denials_above_normal', { status: 'denied' }, []),
    groupKeyOf('denials_above_normal', { auth_code: '51' }, []),
    groupKeyOf('approval_rate_down', {}, []),
  ];
  assert.deepEqual(new Set(keys), new Set([FLEET_GROUP]));
});

test('a merchant and an acquirer have groups of their own', () => {
  const merchant = groupKeyOf('low_volume', { merchant_id: 'm "1"' }, []);
  assert.deepEqual(groupLabelsOf(merchant), { scope: 'merchant', merchant_id: 'm "1"' });
  assert.deepEqual(groupLabelsOf(groupKeyOf('low_volume', { acquirer: 'acq-1' }, [])), { scope: 'acquirer', acquirer: 'acq-1' });
});

test('a merchant that falls with the fleet joins the message of the fleet; another trouble does not', () => {
  const open = [{ groupKey: FLEET_GROUP, type: 'zero_transactions' } as const];
  assert.equal(groupKeyOf('low_volume', { merchant_id: 'm-1' }, open), FLEET_GROUP);
  assert.notEqual(groupKeyOf('reversals_above_normal', { merchant_id: 'm-1' }, open), FLEET_GROUP);
});

test('the cause is the named slice when it explains at least half of the excess, else the node', () => {
  assert.deepEqual(causeOf(anomalyOf({ slice: { acquirer: 'acq-1', share: 0.7 } })), { status: 'denied', acquirer: 'acq-1' });
  assert.deepEqual(causeOf(anomalyOf({ slice: { acquirer: 'acq-1', share: 0.3 } })), { status: 'denied' });
});

test('one label set has one fingerprint, in any order; another label set has another one', () => {
  const labels = { alertname: 'A', merchant_id: 'm-1', severity: 'warning' };
  const base = fingerprintOf(labels);
  assert.match(base, /^[0-9a-f]{16}$/);
  assert.equal(fingerprintOf(Object.fromEntries(Object.entries(labels).toReversed())), base);
  for (const other of [
    { ...labels, severity: 'critical' },
    { ...labels, merchant_id: 'm-2' },
    { alertname: 'A', severity: 'warning' },
  ])
    assert.notEqual(fingerprintOf(other), base);
});
