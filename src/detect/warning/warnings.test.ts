import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../create-detector.ts';
import { at, createSeriesStore, NATS, rowOf, type SeriesStore, SLOW_NATS, STRIDE } from '../series-store.ts';
import type { Episode } from '../episode.ts';
import { createLife, type Life } from '../life.ts';
import { drawWindow, MINUTE, seeded, START, usualRates, windowOf, ZONE } from '../test-traffic.ts';
import { createSliceTable } from '../slices/slice-table.ts';
import { createWarnings, followWarnings } from './warnings.ts';

const STAMP = { detector_version: '2', model_version: 'm', config_hash: 'c' };
const BAR = 14;

/** A fleet whose evidence is set by hand. */
function createFleet() {
  const store: SeriesStore = createSeriesStore();
  const life: Life = createLife();
  const warnings = createWarnings();
  let index = 0;
  const step = (share: number, status: 'approved' | 'failed' = 'approved', state: 'observed' | 'silent' = 'observed'): AnomalyEvent[] => {
    const row = rowOf(0, status);
    store.seen[row] = 1;
    store.values[row * STRIDE + NATS] = share * BAR;
    store.values[row * STRIDE + SLOW_NATS] = share * BAR;
    const window = windowOf(++index, [], state);
    const minute = {
      number: START / MINUTE + index,
      window,
      bars: Float64Array.of(BAR, BAR, BAR, BAR),
      hot: [],
      mlScore: () => 0,
      slices: createSliceTable(),
    };
    return followWarnings(warnings, store, life, minute, STAMP);
  };
  /** Lets the evidence rise by 0.02 a minute up to a share. */
  const rise = (to: number, status?: 'approved' | 'failed'): AnomalyEvent[] =>
    Array.from({ length: 40 }, (_, minute) => step(Math.max(0.01, to - 0.02 * (39 - minute)), status)).flat();
  return { store, life, warnings, step, rise };
}

test('a drift is warned of once, with the time that is left and the measured precision', () => {
  const { rise, step } = createFleet();
  const events = [...rise(0.8), ...step(0.82), ...step(0.84)];
  const [opened] = events;
  assert.deepEqual([...new Set(events.map(({ event }) => event))], ['opened', 'updated']);
  assert.equal(opened?.anomaly.type, 'drift_warning');
  assert.equal(opened?.anomaly.severity, 'info');
  assert.deepEqual(opened?.anomaly.node, { kind: 'status', status: 'approved' });
  const [drift, , precision] = opened?.anomaly.reasons ?? [];
  assert.ok(Number(drift?.params['minutes']) >= 8 && Number(drift?.params['minutes']) <= 30);
  assert.ok(Number(precision?.params['precision']) >= 0.7);
});

test('a drift that stops withdraws its warning, and the row rests', () => {
  const { rise, step } = createFleet();
  assert.equal(rise(0.8)[0]?.event, 'opened');
  const after = Array.from({ length: 30 }, () => step(0.2)).flat();
  const end = after.find(({ event }) => event === 'resolved');
  assert.equal(end?.anomaly.status, 'resolved');
  assert.equal(end?.anomaly.reasons.at(-1)?.code, 'drift_stopped');
});

test('when the anomaly itself opens, the warning ends as confirmed and none is given while it stands', () => {
  const { life, rise, step } = createFleet();
  rise(0.8);
  life.open.push({ scope: 0, family: 'volume' } as Episode);
  const [end] = step(1.1);
  assert.equal(end?.event, 'resolved');
  assert.equal(end?.anomaly.reasons.at(-1)?.code, 'drift_opened');
  assert.deepEqual(rise(0.8), []);
});

test('silent minutes are no drift, and trouble is left to the detector', () => {
  const { warnings, rise, step } = createFleet();
  rise(0.5);
  step(0.6, 'approved', 'silent');
  assert.equal(at(warnings.shares, 2 * 25 - 1), 0);
  assert.deepEqual(createFleet().rise(0.8, 'failed'), []);
});

test('a slow decay is warned of, then told; the warning freezes nothing and is the same after a restart', () => {
  const play = (restart: boolean): AnomalyEvent[] => {
    let detector = createDetector({ timeZone: ZONE });
    const random = seeded(11);
    const hill = (index: number): number => 6 + 3 * Math.sin(((index / 1440) * 2 - 0.5) * Math.PI);
    const begin = 4 * 1440 + 15 * 60;
    const decay = (index: number): number => 1 - 0.6 * Math.max(0, Math.min(1, (index - begin) / 150));
    const events: AnomalyEvent[] = [];
    for (let index = 0; index < begin + 130; index++) {
      if (restart && index === begin + 60) detector = createDetector({ timeZone: ZONE }, detector.snapshot());
      events.push(...detector.step(drawWindow(random, index, usualRates({ all: hill(index) * decay(index) }))).events);
    }
    return events;
  };
  const events = play(false);
  const opened = events.filter(({ event }) => event === 'opened').map(({ anomaly }) => anomaly.type);
  assert.deepEqual(opened, ['drift_warning', 'low_volume']);
  const [warning, fall] = events.filter(({ event }) => event === 'opened');
  const lead = (Date.parse(fall?.anomaly.detected_at ?? '') - Date.parse(warning?.anomaly.detected_at ?? '')) / MINUTE;
  assert.ok(lead >= 5 && lead <= 60, `${lead} minutes`);
  assert.equal(events.find(({ event }) => event === 'resolved')?.anomaly.reasons.at(-1)?.code, 'drift_opened');
  assert.deepEqual(play(true), events);
});
