import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprintOf, wireLabels } from './wire-labels.ts';

test('a merchant is `merchant` outside of the program, and all else keeps its name', () => {
  assert.deepEqual(wireLabels({ alertname: 'A', merchant_id: 'm-1', cause: 'fleet' }), { alertname: 'A', merchant: 'm-1', cause: 'fleet' });
});

test('a fingerprint is the one that Alertmanager 0.25 answered for the same labels, in any order and script', () => {
  const labels = { severity: 'critical', alertname: 'GuardianNoData', merchant_id: 'padaria-são' };
  assert.equal(fingerprintOf(labels), 'ab060ab07f858e81');
  assert.equal(fingerprintOf(Object.fromEntries(Object.entries(labels).toReversed())), 'ab060ab07f858e81');
  assert.equal(fingerprintOf({}), 'cbf29ce484222325');
  assert.notEqual(fingerprintOf({ a: 'bc' }), fingerprintOf({ ab: 'c' }));
});
