import { expect, test } from 'vitest';
import { aStats, at, MINUTE_MS, NOW } from '../fixture.ts';
import { judgeFreshness, QUIET_LIMIT_MS } from './freshness.ts';
import { INITIAL_STATE, type State } from './model.ts';

const state = (fields: Partial<State>): State => ({
  ...INITIAL_STATE,
  stats: aStats(),
  connection: { phase: 'open', since: NOW, heardAt: NOW },
  ...fields,
});
const lost = state({ connection: { phase: 'lost', since: NOW, heardAt: NOW - 3000 } });

test('a live stream over an open connection is live', () => {
  expect(judgeFreshness(state({}), NOW + 1000)).toEqual({ badge: 'live', isStale: false, ageMs: 0 });
});

test('a lost connection is named at once and makes the numbers stale after ten seconds', () => {
  expect(judgeFreshness(lost, NOW + 5000)).toMatchObject({ badge: 'lost', isStale: false });
  expect(judgeFreshness(lost, NOW + 10_001)).toEqual({ badge: 'lost', isStale: true, ageMs: 13_001 });
});

test('a connection that is open and says nothing is lost too', () => {
  expect(judgeFreshness(state({}), NOW + QUIET_LIMIT_MS + 1)).toMatchObject({ badge: 'lost', isStale: true });
});

test('a stalled stream is stale, and its age is that of the last minute', () => {
  const stalled = state({ stats: aStats({ stream: 'stalled', last_minute: at(-8) }) });
  expect(judgeFreshness(stalled, NOW)).toEqual({ badge: 'stalled', isStale: true, ageMs: 8 * MINUTE_MS });
});

test('learning and replay are said; an empty stream is not live', () => {
  expect(judgeFreshness(state({ stats: aStats({ learning: true }) }), NOW).badge).toBe('learning');
  expect(judgeFreshness(state({ stats: aStats({ stream: 'replay' }) }), NOW).badge).toBe('replay');
  expect(judgeFreshness(state({ stats: aStats({ stream: 'empty' }) }), NOW).badge).toBe('empty');
});
