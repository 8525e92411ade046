import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatUptime } from './health-report.ts';

test('an uptime is written in its two or three largest units', () => {
  assert.deepEqual([0, 5, 725, 15_120, 273_720, 86_400].map(formatUptime), ['0s', '5s', '12m 5s', '4h 12m', '3d 4h 2m', '1d 0h 0m']);
});
