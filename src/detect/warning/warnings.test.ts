import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import {
  at,
  createSeriesStore,
  DISPERSION,
  NATS,
  rowOf,
  type SeriesStore,
  SLOW_A,
  SLOW_DOWN,
  SLOW_NATS,
  STRIDE,
  SUMS,
  UP,
} from '../series/series-store.ts';
import measured from './measured-precision.json' with { type: 'json' };
import type { Episode } from '../anomaly/episode.ts';
import { DEFAULT_LIMITS } from '../anomaly/severity-limits.ts';
import { createOpenAnomalies, type OpenAnomalies } from '../anomaly/open-anomalies.ts';
import {
  drawWindow,
  feed,
  MINUTE,
  openings,
  seeded,
  START,
  usualRates,
  warnings as warningsIn,
  windowOf,
  ZONE,
  type Rate,
} from '../engine/test-traffic.ts';
import { createSliceTable } from '../slices/slice-table.ts';
import { createWarnings, followWarnings } from './warnings.ts';

const STAMP = { detector_version: '2', model_version: 'm', config_hash: 'c' };
const THRESHOLD = 14;

/** A fleet whose evidence is set by hand. */
function createFleet() {
  const store: SeriesStore = createSeriesStore();
  const anomalies: OpenAnomalies = createOpenAnomalies();
  const warnings = createWarnings();
  let index = 0;
  const step = (share: number, status: 'approved' | 'failed' = 'approved', state: 'observed' | 'silent' = 'observed'): AnomalyEvent[] => {
    const row = rowOf(0, status);
    store.seen[row] = 1;
    store.values[row * STRIDE + NATS] = share * THRESHOLD;
    store.values[row * STRIDE + SLOW_NATS] = share * THRESHOLD;
    const window = windowOf(++index, [], state);
    const minute = {
      number: START / MINUTE + index,
      window,
      thresholds: Float64Array.of(THRESHOLD, THRESHOLD, THRESHOLD, THRESHOLD),
      candidates: [],
      suppressed: [],
      mlScore: () => 0,
      trust: 1,
      limits: DEFAULT_LIMITS,
      slices: createSliceTable(),
    };
    return followWarnings(warnings, store, anomalies, minute, STAMP);
  };
  /** Lets the evidence rise by 0.02 a minute up to a share. */
  const rise = (to: number, status?: 'approved' | 'failed'): AnomalyEvent[] =>
    Array.from({ length: 40 }, (_, minute) => step(Math.max(0.01, to - 0.02 * (39 - minute)), status)).flat();
  return { store, anomalies, warnings, step, rise };
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
  assert.ok(Number(precision?.params['confirmed']) >= 0.7 * Number(precision?.params['count']));
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
  const { anomalies, rise, step } = createFleet();
  rise(0.8);
  anomalies.open.push({ scope: 0, family: 'volume' } as Episode);
  const [end] = step(1.1);
  assert.equal(end?.event, 'resolved');
  assert.equal(end?.anomaly.reasons.at(-1)?.code, 'drift_opened');
  assert.deepEqual(rise(0.8), []);
});

test('silent minutes are no drift, nor is evidence of an adverse status that is not slow', () => {
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

test('a fall that is clear but too short to be reported is warned of, unless it may be late rows', () => {
  const { store, step } = createFleet();
  const row = rowOf(0, 'approved');
  const fallFor = (minutes: number): AnomalyEvent[] => {
    store.values.fill(100, row * STRIDE + SLOW_A, row * STRIDE + SLOW_A + 1);
    store.values[row * STRIDE + DISPERSION] = 1;
    store.runs[row * SUMS + SLOW_DOWN - UP] = minutes;
    store.masses[row * SUMS + SLOW_DOWN - UP] = 100 * minutes;
    store.values[row * STRIDE + SLOW_DOWN] = 200 * minutes;
    return step(minutes / 10);
  };
  assert.deepEqual([...fallFor(1), ...fallFor(2)], []);
  const [opened] = fallFor(3);
  assert.equal(opened?.anomaly.type, 'drift_warning');
  assert.deepEqual([opened.anomaly.reasons[0]?.params['minutes'], opened.anomaly.reasons[0]?.params['share']], [7, 0.3]);
});

test('every kind of warning came true in seven of ten cases or more, of eight or more', () => {
  for (const [kind, { warnings, confirmed }] of [...Object.entries(measured.fleet), ...Object.entries(measured.acquirer)]) {
    assert.ok(warnings >= 8 && confirmed >= 0.7 * warnings, `${kind}: ${confirmed} of ${warnings}`);
  }
});

suite('sustained rises', () => {
  const CALM = 2 * 1440;
  const PLACES = ['a', 'b'];
  /** Traffic of two acquirers, whose denials and failures are multiplied. */
  const rates = (factors: readonly Readonly<Record<string, number>>[]): Rate[] =>
    PLACES.flatMap((acquirer, place) => usualRates(factors[place], 2).map((rate) => ({ ...rate, acquirer })));
  const learnt = (() => {
    const detector = createDetector({ timeZone: ZONE });
    feed(detector, seeded(5), 0, CALM, () => rates([{}, {}]));
    return detector.snapshot();
  })();
  const play = (minutes: number, factors: (minute: number) => readonly Readonly<Record<string, number>>[], seed = 3): AnomalyEvent[] =>
    feed(createDetector({ timeZone: ZONE }, learnt), seeded(seed), CALM, CALM + minutes, (index) => rates(factors(index - CALM)));
  const timeOf = (event: AnomalyEvent | undefined): number => Date.parse(event?.anomaly.detected_at ?? '') / MINUTE;

  test('denials that creep up are warned of with their rates, then told', () => {
    const events = play(200, (minute) => [{ denied: 1 + minute / 250 }, { denied: 1 + minute / 250 }]);
    const [warning] = warningsIn(events);
    const [fault] = openings(events);
    assert.deepEqual(warning?.anomaly.node, { kind: 'status', status: 'denied' });
    assert.equal(warning.anomaly.severity, 'info');
    assert.ok(warning.anomaly.observed > 1.05 * warning.anomaly.expected && warning.anomaly.z_score > 2, JSON.stringify(warning.anomaly));
    assert.equal(fault?.anomaly.type, 'denials_above_normal');
    const lead = timeOf(fault) - timeOf(warning);
    assert.ok(lead >= 3 && lead <= 60, `${lead} minutes`);
    const end = events.find(({ event, anomaly }) => event === 'resolved' && anomaly.type === 'drift_warning');
    assert.equal(end?.anomaly.reasons.at(-1)?.code, 'drift_opened');
  });

  test('what creeps up at one acquirer is warned of there', () => {
    const [warning] = warningsIn(play(240, (minute) => [{ denied: 1 + minute / 200 }, {}], 8));
    assert.deepEqual(warning?.anomaly.node, { kind: 'acquirer', status: 'denied', acquirer: 'a' });
  });

  test('what goes back to normal takes its warning back', () => {
    const grown = play(200, (minute) => [{ denied: 1 + minute / 250 }, { denied: 1 + minute / 250 }]);
    const until = timeOf(warningsIn(grown)[0]) - START / MINUTE - CALM;
    const factor = (minute: number): number => (minute <= until ? 1 + minute / 250 : 0.8);
    const events = play(300, (minute) => [{ denied: factor(minute) }, { denied: factor(minute) }]);
    const end = events.find(({ event, anomaly }) => event === 'resolved' && anomaly.type === 'drift_warning');
    assert.equal(end?.anomaly.reasons.at(-1)?.code, 'drift_stopped');
    assert.deepEqual(openings(events), []);
  });

  test('a day like the others is warned of nothing, and a warning goes on to the bit after a restart', () => {
    assert.deepEqual(
      play(1440, () => [{}, {}], 9),
      [],
    );
    const burning = (index: number) => rates([{ denied: 1 + (index - CALM) / 250 }, { denied: 1 + (index - CALM) / 250 }]);
    const one = createDetector({ timeZone: ZONE }, learnt);
    const random = seeded(3);
    let index = CALM;
    while (warningsIn(feed(one, random, index, ++index, burning)).length === 0) assert.ok(index < CALM + 200);
    const two = createDetector({ timeZone: ZONE }, one.snapshot());
    const [drift] = two.forecast({ node: 'fleet', slice: {}, minutes: 5, step: 1 })?.drifts ?? [];
    assert.equal(drift?.node, 'status:denied');
    assert.ok(Date.parse(drift.crosses_at) >= START + (index + 4) * MINUTE && drift.confirmed < drift.measured, JSON.stringify(drift));
    assert.deepEqual(two.forecast({ node: 'status:failed', slice: { status: 'failed' }, minutes: 5, step: 1 })?.drifts, []);
    assert.deepEqual(feed(two, seeded(4), index, index + 60, burning), feed(one, seeded(4), index, index + 60, burning));
    assert.deepEqual(two.snapshot(), one.snapshot());
  });
});
