import { describe, expect, test } from 'vitest';
import { aPoint, aStats, anAlert, anAnomaly, at, MINUTE_MS, NOW } from '../fixture.ts';
import { INITIAL_STATE, type LiveAction, type LiveState } from './model.ts';
import { reduce } from './reducer.ts';

const after = (...actions: LiveAction[]): LiveState => actions.reduce(reduce, INITIAL_STATE);

describe('minutes', () => {
  test('stand in order of time, whatever the order in which they come, and a repeat changes nothing', () => {
    const window = (minutes: number): LiveAction => ({ type: 'window', point: aPoint(minutes) });
    const state = after(window(-3), window(-1), window(-2), window(-1));
    expect(state.points.map((point) => (point.at - NOW) / MINUTE_MS)).toEqual([-3, -2, -1]);
  });

  test('a correction replaces the counts and keeps the band until a new one comes', () => {
    const state = after(
      { type: 'window', point: aPoint(-1) },
      { type: 'window', point: aPoint(-1, { total: 50, expected: null, expected_low: null, expected_high: null }) },
    );
    expect(state.points).toHaveLength(1);
    expect(state.points[0]).toMatchObject({ total: 50, expected: 110, expected_high: 130 });
  });

  test('a band that comes later is laid over its minute', () => {
    const unscored = { expected: null, expected_low: null, expected_high: null, ml_score: null, z_score: null };
    const state = after(
      { type: 'window', point: aPoint(-1, unscored) },
      { type: 'scores', bands: [{ minute: at(-1), expected: 120, expected_low: 100, expected_high: 140, ml_score: 0.4, z_score: 1 }] },
    );
    expect(state.points[0]).toMatchObject({ expected: 120, expected_low: 100, z_score: 1, total: 106 });
  });

  test('never hold more than a day', () => {
    const state = after({ type: 'series', points: Array.from({ length: 1500 }, (_, index) => aPoint(index - 1500)) });
    expect(state.points).toHaveLength(1440);
    expect(state.points.at(-1)?.at).toBe(NOW - MINUTE_MS);
  });
});

describe('anomalies', () => {
  test('open ones come first, then the newest', () => {
    const state = after(
      { type: 'anomaly', anomaly: anAnomaly('an_old_open', { started_at: at(-90) }) },
      { type: 'anomaly', anomaly: anAnomaly('an_resolved', { status: 'resolved', started_at: at(-5), resolved_at: at(-1) }) },
      { type: 'anomaly', anomaly: anAnomaly('an_open', { started_at: at(-7) }) },
    );
    expect(state.anomalies.map(({ id }) => id)).toEqual(['an_open', 'an_old_open', 'an_resolved']);
  });

  test('an older event does not undo a newer one', () => {
    const state = after(
      { type: 'anomaly', anomaly: anAnomaly('an_1', { status: 'resolved', updated_at: at(-1), resolved_at: at(-1) }) },
      { type: 'anomaly', anomaly: anAnomaly('an_1', { status: 'open', updated_at: at(-3) }) },
    );
    expect(state.anomalies).toHaveLength(1);
    expect(state.anomalies[0]?.status).toBe('resolved');
  });
});

test('a resolved alert leaves, the worst of the others leads', () => {
  const warning = anAlert(anAnomaly('an_w', { severity: 'warning' }));
  const critical = anAlert(anAnomaly('an_c'));
  const state = after({ type: 'alert', alert: warning }, { type: 'alert', alert: critical });
  expect(state.alerts.map(({ severity }) => severity)).toEqual(['critical', 'warning']);
  expect(reduce(state, { type: 'alert', alert: { ...critical, status: 'resolved' } }).alerts).toEqual([warning]);
});

test('a snapshot replaces what is firing and open, so that nothing that ended while we were away stays', () => {
  const before = after({ type: 'alert', alert: anAlert(anAnomaly('an_1')) }, { type: 'anomaly', anomaly: anAnomaly('an_1') });
  const state = reduce(before, {
    type: 'snapshot',
    snapshot: { stats: aStats(), points: [], anomalies: [], alerts: [], health: null },
    now: NOW,
  });
  expect(state.alerts).toEqual([]);
  expect(state.anomalies).toEqual([]);
  expect(state.session).toBe('ok');
});

test('the newest report of a run stands, and old runs are let go', () => {
  const said = (id: string, text: string) => ({ type: 'run', progress: { id, runbook: 'x', state: 'running', text } }) as const;
  const state = [said('r1', 'a'), said('r2', 'a'), said('r1', 'b')].reduce(reduce, INITIAL_STATE);
  expect([...state.runs.values()].map(({ id, text }) => `${id} ${text}`)).toEqual(['r1 b', 'r2 a']);
  const many = Array.from({ length: 200 }, (_, at) => said(`s${at}`, 'a')).reduce(reduce, state);
  expect(many.runs.size).toBe(50);
  expect(many.runs.has('s199')).toBe(true);
});
