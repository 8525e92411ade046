import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { isGuardianError } from '../../errors.ts';
import { createDetector } from './create-detector.ts';
import { referenceTraffic } from '../../train/reference-traffic.ts';
import { drawWindow, feed, MINUTE, openings, seeded, START, usualRates, windowOf, ZONE, type Rate } from './test-traffic.ts';

const OPTIONS = { timeZone: ZONE };
const HOUR = 60;

/** Ten hours with a denial incident that is still open at the end. */
function windowsWithIncident(): ClosedWindow[] {
  const random = seeded(3);
  return Array.from({ length: 660 }, (_, index) => drawWindow(random, index, usualRates(index < 640 ? {} : { denied: 5, approved: 0.7 })));
}

suite('state', () => {
  test('a restored snapshot goes on to the bit, also amid an anomaly', () => {
    const windows = windowsWithIncident();
    const whole = createDetector(OPTIONS);
    const parted = createDetector(OPTIONS);
    for (const window of windows.slice(0, 650)) {
      whole.step(window);
      parted.step(window);
    }
    const restored = createDetector(OPTIONS, parted.snapshot());
    assert.equal(restored.lastSequence, parted.lastSequence);
    assert.equal(restored.seriesCount, parted.seriesCount);
    for (const window of windows.slice(650)) assert.deepEqual(restored.step(window), whole.step(window));
    assert.deepEqual(Buffer.from(restored.snapshot()), Buffer.from(whole.snapshot()));
  });

  test('a damaged snapshot is refused', () => {
    const bytes = createDetector(OPTIONS).snapshot();
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    assert.throws(
      () => createDetector(OPTIONS, bytes),
      (error) => isGuardianError(error, 'DETECT_SNAPSHOT_INVALID'),
    );
    assert.throws(
      () => createDetector(OPTIONS, new Uint8Array(3)),
      (error) => isGuardianError(error, 'DETECT_SNAPSHOT_INVALID'),
    );
  });

  test('a window that was seen is ignored', () => {
    const detector = createDetector(OPTIONS);
    const windows = windowsWithIncident();
    for (const window of windows) detector.step(window);
    const before = detector.snapshot();
    assert.deepEqual(detector.step(windows[655] as ClosedWindow), { events: [], scores: [] });
    assert.deepEqual(Buffer.from(detector.snapshot()), Buffer.from(before));
  });

  test('state of a series stays below 1 KB', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(1);
    const rates = Array.from({ length: 500 }, (_, m) => usualRates({}, 0.5).map((rate) => ({ ...rate, merchant_id: `m-${m}` }))).flat();
    for (let index = 0; index < 30; index++) detector.step(drawWindow(random, index, rates));
    assert.ok(detector.stateBytes / detector.seriesCount < 1024, String(detector.stateBytes / detector.seriesCount));
  });
});

suite('clean streams', () => {
  for (const [perMinute, curve, noise] of [
    [120, 'flat', 0],
    [3, 'flat', 0],
    [400, 'daily', 0.03],
    [20, 'daily', 0.03],
  ] as const) {
    test(`${perMinute} a minute, ${curve}: no alarm in three days`, () => {
      for (const seed of [11, 12, 13]) {
        const detector = createDetector(OPTIONS);
        const opened = [];
        for (const window of referenceTraffic({ seed, perMinute, curve, noise, minutes: 3 * 1440, startMs: START }))
          opened.push(...openings(detector.step(window).events));
        assert.deepEqual(
          opened.map(({ anomaly }) => [seed, anomaly.type, anomaly.detected_at]),
          [],
        );
      }
    });
  }

  test('the days on which the clocks change make no alarm', () => {
    // New York: forward on 2026-03-08, back on 2026-11-01; the traffic follows the local clock.
    for (const change of [Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 10, 1, 6)]) {
      const startMs = change - 4 * 1440 * MINUTE;
      const before = change === Date.UTC(2026, 10, 1, 6) ? -4 : -5;
      const detector = createDetector({ timeZone: 'America/New_York' });
      const random = seeded(4);
      const opened = Array.from({ length: 6 * 1440 }, (_, index) => {
        const time = startMs + index * MINUTE;
        const hour = (((time / 3_600_000 + (time >= change ? -9 - before : before)) % 24) + 24) % 24;
        const rates = usualRates({}, 0.2 + 2 * Math.exp(-0.5 * ((hour - 14) / 4) ** 2));
        return detector.step(drawWindow(random, index, rates, startMs)).events;
      }).flat();
      assert.deepEqual(
        openings(opened).map(({ anomaly }) => [anomaly.type, anomaly.detected_at]),
        [],
      );
    }
  });
});

suite('merchants', () => {
  const company = (down: string | null): Rate[] =>
    ['m-1', 'm-2', 'm-3', 'm-4', 'm-5', 'm-6'].flatMap((merchant_id, i) =>
      usualRates({}, merchant_id === down ? 0 : 0.1 * (i + 1)).map((rate) => ({
        ...rate,
        merchant_id,
        acquirer: i < 3 ? 'acq-1' : 'acq-2',
      })),
    );

  test('a merchant that is down is named', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(6);
    const events = feed(detector, random, 0, 700, (index) => company(index < 670 ? null : 'm-4'));
    const opened = openings(events);
    assert.equal(opened.length, 1);
    const { node, slice } = opened[0]?.anomaly ?? {};
    assert.equal(node?.merchant_id ?? slice?.merchant_id, 'm-4');
  });

  test('one cause over many merchants is one anomaly on the fleet', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(7);
    const burst = (rate: Rate): Rate =>
      rate.status === 'denied'
        ? { ...rate, mean: rate.mean * 6, auth_code: '51' }
        : rate.status === 'approved'
          ? { ...rate, mean: rate.mean * 0.7 }
          : rate;
    const events = feed(detector, random, 0, 720, (index) => (index >= 640 && index < 660 ? company(null).map(burst) : company(null)));
    const opened = openings(events);
    assert.deepEqual(
      opened.map(({ anomaly }) => anomaly.node),
      [{ kind: 'status', status: 'denied' }],
    );
    assert.equal(opened[0]?.anomaly.slice.auth_code, '51');
    assert.equal(events.filter(({ event }) => event === 'resolved').length, 1);
  });

  test('a new merchant is judged after 15 minutes', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(8);
    const late = (index: number): Rate[] => [
      ...company(null),
      ...(index < 600 || index >= 617 ? [] : usualRates({}, 0.2).map((rate) => ({ ...rate, merchant_id: 'm-new' }))),
    ];
    const opened = openings(feed(detector, random, 0, 640, late));
    assert.deepEqual(
      opened.map(({ anomaly }) => anomaly.node.merchant_id),
      ['m-new'],
    );
  });
});

suite('windows', () => {
  test('a correction repairs a dip before it counts and is not learnt twice', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(10);
    feed(detector, random, 0, 5 * HOUR, () => usualRates());
    const usual = drawWindow(random, 300, usualRates());
    const half = { ...usual, cells: usual.cells.map((cell) => ({ ...cell, count: Math.floor(cell.count / 2) })) };
    const corrected = { ...usual, revision: 1, late: 40 };
    const plain = createDetector(OPTIONS, detector.snapshot());
    plain.step(usual);
    const events = [...detector.step(half).events, ...detector.step({ ...corrected, sequence: 301 }).events];
    assert.deepEqual(events, []);
    const next = drawWindow(random, 301, usualRates());
    const [a] = plain.step(next).scores;
    const [b] = detector.step({ ...next, sequence: 302 }).scores;
    assert.ok(Math.abs((a?.expected ?? 0) - (b?.expected ?? 0)) < 0.5, `${a?.expected} ${b?.expected}`);
  });

  test('a pause of hours is neither zero nor a reason to forget', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(2);
    feed(detector, random, 0, 5 * HOUR, () => usualRates());
    const window = { ...drawWindow(random, 40 * HOUR, usualRates()), sequence: 300 };
    const { events, scores } = detector.step(window);
    assert.deepEqual(events, []);
    assert.ok(Math.abs((scores[0]?.expected ?? 0) - 100) < 10);
  });

  test('analyze judges on a copy and names what it would open', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(12);
    feed(detector, random, 0, 5 * HOUR, () => usualRates());
    const before = Buffer.from(detector.snapshot());
    const windows = [300, 301, 302].map((index) => drawWindow(random, index, usualRates({ denied: 6 })));
    const { opened, findings, learning } = detector.analyze(windows);
    assert.deepEqual(
      opened.map(({ type }) => type),
      ['denials_above_normal'],
    );
    assert.equal(findings[0]?.alert, true);
    assert.equal(findings[0]?.node.status, 'denied');
    assert.equal(learning, false);
    assert.deepEqual(Buffer.from(detector.snapshot()), before);
    assert.equal(createDetector(OPTIONS).analyze(windows).learning, true);
  });

  test('without history the earlier windows given are the history', () => {
    const random = seeded(13);
    const windows = Array.from({ length: 40 }, (_, index) => drawWindow(random, index, usualRates(index < 37 ? {} : { all: 0.2 })));
    const { opened } = createDetector(OPTIONS).analyze(windows);
    assert.deepEqual(
      opened.map(({ type }) => type),
      ['low_volume'],
    );
  });

  test('while learning nothing is reported', () => {
    const detector = createDetector(OPTIONS);
    const random = seeded(14);
    const events = feed(detector, random, 0, 14, (index) => usualRates(index < 10 ? {} : { denied: 20 }));
    assert.deepEqual(events, []);
    assert.equal(detector.learning, true);
    const [fleet] = detector.step(windowOf(14, [], 'zero')).scores;
    assert.equal(fleet?.state, 'learning');
  });
});
