import { expect, test } from 'vitest';
import {
  formatAge,
  formatAmount,
  formatMeasure,
  formatMinutes,
  formatMoment,
  formatProbability,
  formatSliceOf,
  formatUptime,
  formatZ,
} from './format.ts';
import { NOW } from '../fixture.ts';

const ZONE = 'America/Sao_Paulo';

test('numbers follow the language', () => {
  expect(formatAmount('pt-BR', 1247)).toBe('1.247');
  expect(formatAmount('en', 6.14)).toBe('6.1');
  expect(formatZ('pt-BR', 10.4)).toBe('+10,4');
  expect(formatZ('en', -2.83)).toBe('-2.8');
  expect(formatProbability('en', 1.3e-25)).toBe('1.3E-25');
  expect(formatProbability('pt-BR', 0)).toBe('<1E-300');
  expect(formatMeasure('pt-BR', 'approval_rate_down', 0.612)).toBe('61,2%');
});

test('durations and ages are short words', () => {
  expect(formatAge('pt-BR', 12_000)).toBe('há 12 s');
  expect(formatAge('en', 3 * 86_400_000)).toBe('3 days ago');
  expect(formatMinutes('pt-BR', 80)).toBe('1 h 20 min');
  expect(formatUptime(3 * 86_400 + 4 * 3600 + 720)).toBe('3d 4h');
  expect(formatUptime(59)).toBe('59 s');
});

test('times are in the zone of the operator, with the day when it is another one', () => {
  expect(formatMoment('pt-BR', ZONE, NOW, NOW)).toBe('00:00');
  expect(formatMoment('pt-BR', ZONE, NOW - 60_000, NOW)).toBe('21/11 23:59');
});

test('a moment of another year names its year, also that of the same day', () => {
  const aYearBefore = Date.parse('2025-11-22T03:00:00Z');
  expect(formatMoment('pt-BR', ZONE, aYearBefore, NOW)).toBe('22/11/2025 00:00');
  expect(formatMoment('en', ZONE, aYearBefore - 60_000, NOW)).toBe('21 Nov 2025 23:59');
  const newYear = Date.parse('2027-01-01T00:30:00-03:00');
  expect(formatMoment('pt-BR', ZONE, newYear - 3_600_000, newYear)).toBe('31/12/2026 23:30');
});

test('a slice does not repeat the status that the name of the anomaly says', () => {
  expect(formatSliceOf('pt-BR', 'denials_above_normal', { status: 'denied', auth_code: '51' })).toBe('código 51');
  expect(formatSliceOf('en', 'zero_transactions', { status: 'approved', merchant_id: 'm-1' })).toBe('approved · merchant m-1');
  expect(formatSliceOf('en', 'low_volume', {})).toBe('all traffic');
});
