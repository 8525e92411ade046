import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertText, summaryText } from './wording.ts';
import { anomalyOf, TEST_OPTIONS } from './test-anomaly.ts';

const FALL = {
  ...anomalyOf().peak,
  minute: '2025-07-12T20:15:00.000Z',
  observed: 5,
  expected: 4.8,
  expected_low: 0,
  expected_high: 11,
  z_score: -4.2,
};
const since = { code: 'since', params: { at: '2025-07-12T20:09:00.000Z' } };
const merchantLow = (changes: Parameters<typeof anomalyOf>[0] = {}) =>
  anomalyOf({
    ...FALL,
    type: 'low_volume',
    node: { kind: 'merchant', merchant_id: 'm-1' },
    slice: { merchant_id: 'm-1', share: 1 },
    peak: { ...FALL, observed: 1 },
    reasons: [{ code: 'below', params: { what: 'total', observed: 0.9, expected: 4.9, z: -4.2, minutes: 7 } }, since],
    ...changes,
  });

test('the z-score of a period stands beside the means of the period, not beside a minute that has recovered', () => {
  const anomaly = merchantLow();
  const line = 'No período: média de 0,9/min, esperado 4,9, z -4,2';
  assert.deepEqual(summaryText(anomaly, anomaly.slice, TEST_OPTIONS).split('\n').slice(1), [line, 'Desde 17:09']);
  assert.equal(alertText(anomaly, anomaly.slice, TEST_OPTIONS).split('\n')[3], line);
});

test('the worst minute of many that were each a little low is the period, too', () => {
  const anomaly = merchantLow({ ...FALL, observed: 1, status: 'resolved', resolved_at: '2025-07-12T20:21:00.000Z' });
  const line = 'Over its time: mean 0.9/min, expected 4.9, z -4.2';
  assert.equal(summaryText(anomaly, anomaly.slice, { ...TEST_OPTIONS, locale: 'en' }).split('\n')[1], line);
});

test('of an approval rate that has recovered the approved ones of the period are told', () => {
  const share = { ...FALL, observed: 0.93, expected: 0.94, expected_low: 0.9, expected_high: 1 };
  const reasons = [{ code: 'rate_down', params: { what: 'approved', observed: 80.2, expected: 95, z: -4.2, minutes: 7 } }, since];
  const anomaly = merchantLow({ ...share, type: 'approval_rate_down', reasons });
  const line = 'No período: aprovadas 80,2/min em média, esperado 95,0, z -4,2';
  assert.equal(alertText(anomaly, anomaly.slice, TEST_OPTIONS).split('\n')[3], line);
});

test('a minute that is outside of its band speaks for itself', () => {
  const anomaly = merchantLow({ observed: 0, expected: 12, expected_low: 3, expected_high: 21 });
  assert.equal(alertText(anomaly, anomaly.slice, TEST_OPTIONS).split('\n')[3], 'Agora: 0/min, esperado 12 (3–21), z -4,2');
});
