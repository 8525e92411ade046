import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import { createDetector } from './create-detector.ts';
import { countZ } from '../evidence/evidence.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, USUAL, usualRates, ZONE, type Rate } from './test-traffic.ts';

const CALM = 600;

/** Calm minutes, then `minutes` of `rates`, then calm ones again. */
function incident(
  rates: (index: number) => readonly Rate[] | null,
  minutes = 20,
  seed = 5,
): { before: AnomalyEvent[]; events: AnomalyEvent[] } {
  const detector = createDetector({ timeZone: ZONE });
  const random = seeded(seed);
  const before = feed(detector, random, 0, CALM, () => usualRates());
  const events = feed(detector, random, CALM, CALM + minutes + 60, (index) => (index < CALM + minutes ? rates(index) : usualRates()));
  return { before, events };
}

/** The least count that happens once in 1e9 minutes, also when the mean is off by 4 %. */
function rareCount(mean: number): number {
  let count = Math.ceil(mean);
  while (countZ(count, mean, 1 + mean * 0.04 ** 2) < 6) count++;
  return count;
}

function assertOne(events: readonly AnomalyEvent[], type: AnomalyType, most: { delay: number; minutes?: number }): AnomalyEvent['anomaly'] {
  const opened = openings(events);
  assert.deepEqual(
    opened.map(({ anomaly }) => anomaly.type),
    [type],
    JSON.stringify(opened.map(({ anomaly }) => [anomaly.type, anomaly.node, anomaly.detected_at])),
  );
  const resolved = events.find(({ event }) => event === 'resolved');
  assert.ok(resolved, 'resolved');
  const { anomaly } = resolved;
  assert.equal(anomaly.id, opened[0]?.anomaly.id);
  assert.ok(
    minuteIndex(anomaly.detected_at) - CALM <= most.delay,
    `detected ${minuteIndex(anomaly.detected_at) - CALM} minutes after the start`,
  );
  assert.ok(Math.abs(minuteIndex(anomaly.started_at) - CALM) <= most.delay + 3, anomaly.started_at);
  assert.ok(minuteIndex(anomaly.resolved_at ?? '') - CALM - (most.minutes ?? 20) <= 12, `resolved ${anomaly.resolved_at}`);
  return anomaly;
}

suite('incidents', () => {
  test('denials above normal name the code and the lost approvals', () => {
    const { before, events } = incident(() => [
      ...usualRates({ approved: 0.75, denied: 0 }),
      { status: 'denied', mean: 29, auth_code: '51' },
      { status: 'denied', mean: 1, auth_code: '59' },
    ]);
    assert.deepEqual(before, []);
    const anomaly = assertOne(events, 'denials_above_normal', { delay: 1 });
    assert.deepEqual(anomaly.node, { kind: 'status', status: 'denied' });
    assert.equal(anomaly.slice.auth_code, '51');
    assert.ok(anomaly.slice.share > 0.9);
    assert.ok(Math.abs(anomaly.lost_transactions - 0.25 * 92 * 20) < 250, String(anomaly.lost_transactions));
    assert.equal(anomaly.severity, 'critical');
    assert.ok(anomaly.peak.z_score > 6 && anomaly.ml_score >= 0 && anomaly.peak.ml_score <= 1);
    const codes = anomaly.reasons.map(({ code }) => code);
    for (const code of ['above', 'approved_down', 'since']) assert.ok(codes.includes(code), codes.join());
  });

  test('failures above normal', () => {
    assertOne(incident(() => usualRates({ failed: 30 })).events, 'failures_above_normal', { delay: 3 });
  });

  test('reversals above normal', () => {
    assertOne(incident(() => usualRates({ reversed: 10, backend_reversed: 60 })).events, 'reversals_above_normal', { delay: 2 });
  });

  test('a burst of a single minute with p < 1e-9 is reported in that minute, whatever the rate', () => {
    for (const scale of [0.03, 0.3, 3, 30]) {
      for (const status of ['denied', 'reversed', 'failed']) {
        const detector = createDetector({ timeZone: ZONE });
        const random = seeded(8);
        assert.deepEqual(openings(feed(detector, random, 0, CALM, () => usualRates({}, scale))), []);
        const usual = drawWindow(random, CALM, usualRates({ [status]: 0 }, scale));
        const cell = { status: status as Status, auth_code: '', merchant_id: '', acquirer: '', amount: 0 };
        const burst = { ...cell, count: rareCount((USUAL[status] ?? 0) * scale) };
        const { events } = detector.step({ ...usual, state: 'observed', cells: [...usual.cells, burst] });
        assert.deepEqual(
          openings(events).map(({ anomaly }) => anomaly.node.status),
          [status],
          `${burst.count} ${status} at ${scale}`,
        );
      }
    }
  });

  test('low volume', () => {
    const anomaly = assertOne(incident(() => usualRates({ all: 0.4 })).events, 'low_volume', { delay: 2 });
    assert.deepEqual(anomaly.node, { kind: 'fleet' });
    assert.ok(anomaly.peak.z_score < -5);
  });

  test('zero transactions with a source that is alive', () => {
    const { events } = incident(() => []);
    const anomaly = assertOne(events, 'zero_transactions', { delay: 1 });
    assert.equal(anomaly.severity, 'critical');
    const leads = events.map((event) => event.anomaly.reasons[0]);
    assert.deepEqual([leads[0]?.code, leads[0]?.params['minutes']], ['zero', 2]);
    assert.equal(leads.at(-1)?.code, 'zero_over', 'transactions have come back');
  });

  test('nothing approved while denials go on: the sentence does not say that there are no transactions', () => {
    const { events } = incident(() => usualRates({ approved: 0 }));
    const anomaly = assertOne(events, 'zero_transactions', { delay: 1 });
    assert.equal(anomaly.node.status, 'approved');
    const leads = events.map((event) => event.anomaly.reasons[0]?.code);
    assert.deepEqual([leads[0], leads.at(-1)], ['zero_approved', 'zero_approved_over']);
  });

  test('no data when nobody says that they are alive', () => {
    assertOne(incident(() => null).events, 'no_data', { delay: 1 });
  });

  test('approval rate down while the total stays', () => {
    const { events } = incident(() => usualRates({ approved: 0.55, refunded: 30, denied: 1.2 }));
    assert.ok(openings(events).length === 1);
    const split = incident(() => [...usualRates({ approved: 0.6 }), { status: 'denied', mean: 12 }, { status: 'processing', mean: 26 }]);
    assert.equal(openings(split.events).length, 1);
  });

  test('a spike is reported only when it is extreme, and as information', () => {
    const opened = openings(incident(() => usualRates({ all: 30 })).events);
    assert.deepEqual(
      opened.map(({ anomaly }) => [anomaly.type, anomaly.severity]),
      [['spike', 'info']],
    );
  });

  test('a promotion of seven times the volume is no incident, nor is its end', () => {
    const { events } = incident(() => usualRates({ all: 7 }), 180);
    assert.deepEqual(openings(events), []);
  });

  test('the end of a promotion of one merchant is no fall, also when it was learnt recently', () => {
    for (const [first, ramp] of [
      [0, 0],
      [0, 10],
      [400, 10],
    ] as const) {
      const detector = createDetector({ timeZone: ZONE });
      const events = feed(detector, seeded(1), 0, 630, (index) =>
        [4, 2, 1.3, 0.8].flatMap((size, m) => {
          if (m === 0 && index < first) return [];
          const risen = ramp === 0 ? 1 : Math.min(1, (index - 440) / ramp, (500 - index) / ramp);
          const factor = m === 0 && index >= 440 && index < 500 ? 1 + 6 * risen : 1;
          return usualRates({}, size * factor).map((rate) => ({ ...rate, merchant_id: `m-${m}`, acquirer: `a-${m % 2}` }));
        }),
      );
      assert.deepEqual(
        openings(events).map(({ anomaly }) => [anomaly.type, anomaly.node, anomaly.detected_at]),
        [],
      );
    }
  });

  test('a dip by late rows that rebounds in the next minute is no incident', () => {
    const { events } = incident((index) => usualRates({ all: index % 2 === 0 ? 0.5 : 1.5 }), 2);
    assert.deepEqual(openings(events), []);
  });

  test('updates are sparse and keep the id', () => {
    const { events } = incident(() => usualRates({ denied: 6, approved: 0.7 }), 45);
    const updates = events.filter(({ event }) => event === 'updated');
    assert.ok(updates.length >= 3 && updates.length <= 16, String(updates.length));
    assert.equal(new Set(events.map(({ anomaly }) => anomaly.id)).size, 1);
  });

  test('a level that stays for an hour is accepted', () => {
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(9);
    const events = feed(detector, random, 0, 1200, (index) => usualRates({ all: index < CALM ? 1 : 0.6 }));
    assert.equal(openings(events).length, 1);
    const resolved = events.find(({ event }) => event === 'resolved');
    assert.ok(resolved?.anomaly.reasons.some(({ code }) => code === 'accepted'));
  });

  test('a slow decay that the level follows is reported once the daily curve is known', () => {
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(15);
    const start = 2 * 1440 + 15 * 60;
    const scale = (index: number): number => (index < start ? 1 : Math.max(0.4, 1 - (0.6 * (index - start)) / 120));
    const events = feed(detector, random, 0, start + 120, (index) => usualRates({}, 3 * scale(index)));
    const opened = openings(events);
    assert.deepEqual(
      opened.map(({ anomaly }) => [anomaly.type, anomaly.node.kind]),
      [['low_volume', 'fleet']],
    );
    assert.ok((opened[0]?.anomaly.expected ?? 0) > 250, 'expected is what was normal before the decay');
  });
});
