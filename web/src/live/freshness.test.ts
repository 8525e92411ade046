import { expect, test } from 'vitest';
import { aStats, at, MINUTE_MS, NOW } from '../fixture.ts';
import { judgeFreshness, QUIET_LIMIT_MS, STATS_LIMIT_MS } from './freshness.ts';
import { INITIAL_STATE, type LiveState } from './model.ts';

const state = (fields: Partial<LiveState>): LiveState => ({
  ...INITIAL_STATE,
  stats: aStats(),
  statsAt: NOW,
  loaded: true,
  connection: { phase: 'open', since: NOW, heardAt: NOW },
  ...fields,
});
const lost = state({ connection: { phase: 'lost', since: NOW, heardAt: NOW - 3000 } });

test('a live stream over an open connection is live', () => {
  expect(judgeFreshness(state({}), NOW + 1000)).toMatchObject({ badge: 'live', isStale: false, ageMs: 0, isJudged: true });
});

test('a lost connection is named at once and makes the numbers stale after ten seconds', () => {
  expect(judgeFreshness(lost, NOW + 5000)).toMatchObject({ badge: 'lost', isStale: false });
  expect(judgeFreshness(lost, NOW + 10_001)).toMatchObject({ badge: 'lost', isStale: true, ageMs: 13_001 });
});

test('a connection that is open and says nothing is lost too', () => {
  expect(judgeFreshness(state({}), NOW + QUIET_LIMIT_MS + 1)).toMatchObject({ badge: 'lost', isStale: true });
});

test('a stalled stream is stale, and its age is that of the last minute with transactions', () => {
  const stalled = state({ stats: aStats({ stream: 'stalled', last_minute: at(-1), last_transaction_minute: at(-8) }) });
  expect(judgeFreshness(stalled, NOW)).toMatchObject({ badge: 'stalled', isStale: true, ageMs: 8 * MINUTE_MS });
});

test('learning and replay are said; an empty stream is not live', () => {
  expect(judgeFreshness(state({ stats: aStats({ learning: true }) }), NOW).badge).toBe('learning');
  expect(judgeFreshness(state({ stats: aStats({ stream: 'replay' }) }), NOW).badge).toBe('replay');
  expect(judgeFreshness(state({ stats: aStats({ stream: 'empty' }) }), NOW).badge).toBe('empty');
});

test('a detector that is behind or catching up is named, also of a replay and of a stream that looks stalled', () => {
  const late = { judged_until: at(-349), minutes_behind: 349 };
  const expected = { isJudged: false, progress: { until: Date.parse(at(-349)), minutesBehind: 349 } };
  for (const stream of ['live', 'replay', 'stalled'] as const) {
    expect(judgeFreshness(state({ stats: aStats({ ...late, stream, judged: 'behind' }) }), NOW)).toMatchObject({
      badge: 'behind',
      ...expected,
    });
  }
  expect(judgeFreshness(state({ stats: aStats({ ...late, judged: 'catching_up' }) }), NOW)).toMatchObject({
    badge: 'catching_up',
    ...expected,
  });
});

test('numbers of a live stream that stand still while the connection beats are not judged', () => {
  const now = NOW + STATS_LIMIT_MS + 30_000;
  const beating = state({ connection: { phase: 'open', since: NOW, heardAt: now } });
  expect(judgeFreshness(beating, now)).toMatchObject({ badge: 'behind', isJudged: false, progress: { minutesBehind: 3 } });
  expect(judgeFreshness({ ...beating, stats: aStats({ stream: 'replay' }) }, now).badge).toBe('replay');
});

test('a server that starts is named, shows nothing as healthy, and makes old numbers stale', () => {
  const starting = state({ connection: { phase: 'starting', since: NOW, heardAt: NOW - 3000 } });
  expect(judgeFreshness(starting, NOW + 1000)).toMatchObject({ badge: 'starting', isStale: false, isJudged: false });
  expect(judgeFreshness(starting, NOW + 10_001)).toMatchObject({ badge: 'starting', isStale: true });
});
