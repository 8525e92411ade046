import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeStreamTime } from './stream-time.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-11-22T03:00:30Z');
const settings = { liveWithinS: 600, lateS: 90 };
const minute = (minutesAgo: number, closedAfterMs = 90_000) => {
  const start = Math.floor(NOW / MINUTE_MS) * MINUTE_MS - minutesAgo * MINUTE_MS;
  return { minute: start, closed_at: start + MINUTE_MS + closedAfterMs };
};

test('without a closed minute the stream is empty', () => {
  assert.deepEqual(judgeStreamTime(null, null, NOW, settings), { state: 'empty', now: null, lastMinute: null });
});

test('a minute that was closed soon after its end is live, and the wall clock is its now', () => {
  assert.deepEqual(judgeStreamTime(minute(2), minute(2), NOW, settings), { state: 'live', now: NOW, lastMinute: minute(2).minute });
});

test('a live stream whose sources fell silent has stalled, although silent minutes go on closing', () => {
  assert.equal(judgeStreamTime(minute(2), minute(6), NOW, settings).state, 'stalled');
});

test('history that was closed long after it happened is a replay, and its now is the end of its last minute', () => {
  const old = minute(100_000, 50_000 * MINUTE_MS);
  assert.deepEqual(judgeStreamTime(old, old, NOW, settings), { state: 'replay', now: old.minute + MINUTE_MS, lastMinute: old.minute });
});
