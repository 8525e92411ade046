import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeProgress, type JudgementFacts } from './judgement.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-11-22T12:00:30Z');
const settings = { behindMs: 3 * MINUTE_MS, lateMs: 90_000 };
const minute = (ago: number) => Math.floor(NOW / MINUTE_MS) * MINUTE_MS - ago * MINUTE_MS;

function facts(fields: Partial<JudgementFacts> = {}): JudgementFacts {
  return {
    stream: { state: 'live', now: NOW, lastMinute: minute(1) },
    judged: { last: minute(1), waiting: null },
    recordsWait: false,
    now: NOW,
    ...fields,
  };
}

const replay = { state: 'replay', now: minute(1000), lastMinute: minute(1001) } as const;

test('everything closed is judged: current, whether live, replayed or stopped', () => {
  assert.deepEqual(judgeProgress(facts(), settings), { state: 'current', until: minute(0), minutesBehind: 0, closedWaiting: 0 });
  const done = { last: minute(1001), waiting: null };
  assert.equal(judgeProgress(facts({ stream: replay, judged: done }), settings).state, 'current');
  const stalled = { state: 'stalled', now: NOW, lastMinute: minute(3000) } as const;
  assert.equal(judgeProgress(facts({ stream: stalled, judged: { last: minute(3000), waiting: null } }), settings).state, 'current');
});

test('a minute that has just closed is judged in passing', () => {
  const judged = { last: minute(2), waiting: { minute: minute(1), closedAt: NOW - 400 } };
  assert.equal(judgeProgress(facts({ judged }), settings).state, 'current');
});

test('closed minutes that wait are named, and are behind once one has waited too long', () => {
  const backlog = (closedAt: number) => ({ last: minute(1350), waiting: { minute: minute(1349), closedAt } });
  const fast = judgeProgress(facts({ stream: replay, judged: backlog(NOW - 20_000) }), settings);
  assert.deepEqual(fast, { state: 'catching_up', until: minute(1349), minutesBehind: 349, closedWaiting: 349 });
  assert.equal(judgeProgress(facts({ stream: replay, judged: backlog(NOW - 181_000) }), settings).state, 'behind');
});

test('a live stream whose minutes do not even close is behind by the wall clock', () => {
  const stuck = (ago: number) =>
    facts({ stream: { state: 'live', now: NOW, lastMinute: minute(ago) }, judged: { last: minute(ago), waiting: null } });
  assert.equal(judgeProgress(stuck(3), settings).state, 'current', 'a minute may wait for late records');
  assert.deepEqual(judgeProgress(stuck(6), settings), { state: 'catching_up', until: minute(5), minutesBehind: 5, closedWaiting: 0 });
  assert.equal(judgeProgress(stuck(8), settings).state, 'behind');
});

test('records that wait to be counted are behind, also before the first minute and when the stream looks stalled', () => {
  const stalled = { state: 'stalled', now: NOW, lastMinute: minute(30) } as const;
  const judged = { last: minute(30), waiting: null };
  assert.equal(judgeProgress(facts({ stream: stalled, judged, recordsWait: true }), settings).state, 'behind');
  const empty = { state: 'empty', now: null, lastMinute: null } as const;
  const none = { last: null, waiting: null };
  assert.equal(judgeProgress(facts({ stream: empty, judged: none, recordsWait: true }), settings).state, 'behind');
  assert.equal(judgeProgress(facts({ stream: empty, judged: none }), settings).state, 'nothing');
});

test('a detector that has judged nothing is never current', () => {
  const judged = { last: null, waiting: { minute: minute(40), closedAt: NOW - 1000 } };
  assert.deepEqual(judgeProgress(facts({ judged }), settings), { state: 'catching_up', until: null, minutesBehind: 40, closedWaiting: 40 });
});
