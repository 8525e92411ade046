import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { secondsToMs } from './clock.ts';

test('a setting in seconds is a whole number of milliseconds', () => {
  assert.equal(secondsToMs(2.3), 2300);
  assert.equal(secondsToMs(1.1), 1100);
  fc.assert(fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (seconds) => Number.isInteger(secondsToMs(seconds))));
});
