import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDemoTime } from './demo-time.ts';

const NOW = Date.UTC(2026, 10, 20, 18);
const MINUTE = 60_000;

test('a record without a timestamp lands in the minute that the demonstration plays, and in the present once it is there', () => {
  const time = createDemoTime({ now: () => NOW, monotonic: () => 0 });
  assert.equal(time.now(), NOW, 'nothing is simulated yet');
  const reached = NOW - 400 * MINUTE;
  time.reach(reached);
  assert.equal(time.now(), reached - 1, 'within the last minute that was sent');
  assert.equal(time.speed(), 60);
  time.reach(NOW - 30_000);
  assert.equal(time.now(), NOW);
  time.live();
  assert.equal(time.speed(), 1);
});
