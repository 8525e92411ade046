import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from './create-detector.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, usualRates, windowOf, ZONE, type Rate } from './test-traffic.ts';

const HOUR = 60;
const DAY = 24 * HOUR;

function run(minutes: number, rates: (index: number) => readonly Rate[] | null): AnomalyEvent[] {
  return feed(createDetector({ timeZone: ZONE }), seeded(51), 0, minutes, rates);
}

/** What was reported, as type, node and minute. */
const told = (events: readonly AnomalyEvent[]): [string, string, number][] =>
  openings(events).map(({ anomaly: { type, node, detected_at } }) => [
    type,
    node.merchant_id ?? node.status ?? node.kind,
    minuteIndex(detected_at),
  ]);

const merchant = (id: string, scale: number): Rate[] =>
  usualRates({}, scale).map((rate) => ({ ...rate, merchant_id: id, acquirer: 'a-1' }));
const others = [...merchant('m-1', 0.6), ...merchant('m-2', 0.4)];

suite('series that stop and come back', () => {
  test('a merchant that is gone is reported once; its return is no incident, its next outage is', () => {
    const back = 4 * DAY;
    const outage = back + DAY;
    const isThere = (index: number): boolean => index < DAY || (index >= back && index < outage);
    const events = run(outage + 20, (index) => [...others, ...(isThere(index) ? merchant('m-3', 0.2) : [])]);
    assert.deepEqual(told(events), [
      ['zero_transactions', 'm-3', DAY + 1],
      ['zero_transactions', 'm-3', outage + 1],
    ]);
    const accepted = events.find(({ event }) => event === 'resolved')?.anomaly;
    assert.ok(accepted?.reasons.some(({ code }) => code === 'accepted'));
  });

  test('a merchant that comes back is watched again for a quarter of an hour, and not longer', () => {
    const back = 3 * DAY;
    const isThere = (index: number): boolean => index < DAY || (index >= back && index < back + 20);
    const events = run(back + 40, (index) => [...others, ...(isThere(index) ? merchant('m-3', 0.2) : [])]);
    assert.deepEqual(told(events).slice(1), [['zero_transactions', 'm-3', back + 21]]);
  });

  test('a stream that comes back after an hour without a sign of life is as it was', () => {
    const silent = DAY + 9 * HOUR;
    const isThere = (index: number): boolean => index < silent || index >= silent + HOUR;
    const outage = silent + 3 * HOUR;
    const events = run(outage + 10, (index) => (isThere(index) ? usualRates(index >= outage ? { denied: 6 } : {}) : null));
    assert.deepEqual(told(events), [
      ['no_data', 'fleet', silent + 1],
      ['denials_above_normal', 'denied', outage],
    ]);
    const resolved = events.find(({ event }) => event === 'resolved')?.anomaly;
    assert.ok(minuteIndex(resolved?.resolved_at ?? '') - silent - HOUR <= 5);
  });
});

suite('level shifts', () => {
  test('half the volume is reported, accepted after a stable hour and one without an answer, and an outage of it is reported again', () => {
    const shift = DAY + 9 * HOUR;
    const outage = shift + 6 * HOUR;
    const events = run(outage + 10, (index) => usualRates({}, index < shift ? 1 : index < outage ? 0.5 : 0.05));
    const [first, second, ...more] = told(events);
    assert.deepEqual([first?.[0], second?.[0], more], ['low_volume', 'low_volume', []]);
    assert.ok((first?.[2] ?? 0) - shift <= 3 && (second?.[2] ?? 0) - outage <= 2, JSON.stringify(told(events)));
    const accepted = events.find(({ event }) => event === 'resolved')?.anomaly;
    assert.ok(accepted?.reasons.some(({ code }) => code === 'accepted'));
    assert.ok(minuteIndex(accepted?.resolved_at ?? '') - shift <= 135);
  });

  test('more denials are reported for six hours before they are taken for normal', () => {
    const shift = DAY + 3 * HOUR;
    const events = run(shift + 12 * HOUR, (index) => usualRates({ denied: index < shift ? 1 : 2.5 }));
    assert.deepEqual(
      told(events).map(([type, node]) => [type, node]),
      [['denials_above_normal', 'denied']],
    );
    const accepted = events.find(({ event }) => event === 'resolved')?.anomaly;
    assert.ok(accepted?.reasons.some(({ code }) => code === 'accepted'));
    assert.ok(minuteIndex(accepted?.resolved_at ?? '') - shift >= 6 * HOUR - 5);
  });
});

suite('streams that report every few minutes', () => {
  for (const minutes of [2, 5, 15, 30]) {
    for (const [type, between] of [
      ['no_data', null],
      ['zero_transactions', []],
    ] as const) {
      test(`every ${minutes}, ${type} in between: what is not due is not missed, what is due is`, () => {
        const burst = 2 * DAY + 6 * HOUR;
        const dead = burst + 4 * HOUR;
        const isDue = (index: number): boolean => index % minutes === 0 && index < dead;
        const events = run(dead + 2 * HOUR, (index) =>
          isDue(index) ? usualRates(index >= burst && index < burst + 2 * HOUR ? { denied: 6 } : {}, minutes) : between,
        );
        assert.deepEqual(told(events), [
          ['denials_above_normal', 'denied', burst],
          [type, 'fleet', dead + minutes],
        ]);
      });
    }
  }

  test('a stream that begins with pauses and then reports every minute has no cadence', () => {
    const outage = 6 * HOUR;
    const events = run(outage + 10, (index) => {
      if (index > 0 && index < 20 && index !== 5 && index !== 10) return null;
      return index < outage ? usualRates() : null;
    });
    assert.deepEqual(told(events), [['no_data', 'fleet', outage + 1]]);
  });
});

suite('repeats and disorder', () => {
  test('windows that come twice and corrections in any order leave the same expectation', () => {
    const random = seeded(52);
    const whole = Array.from({ length: 320 }, (_, index) => drawWindow(random, index, usualRates()));
    const expectedAfter = (windows: readonly (typeof whole)[number][]): number => {
      const detector = createDetector({ timeZone: ZONE });
      const events = windows.flatMap((window, sequence) => detector.step({ ...window, sequence }).events);
      assert.deepEqual(events, []);
      return detector.step({ ...windowOf(320, [], 'zero'), sequence: 10_000 }).scores[0]?.expected ?? 0;
    };
    const plain = expectedAfter(whole);
    const last = whole.slice(310);
    const corrections = [last[7], last[2], last[7], last[5], last[2]].flatMap((window) =>
      window === undefined ? [] : [{ ...window, revision: 1 }],
    );
    assert.ok(Math.abs(expectedAfter([...whole, ...corrections]) - plain) < 1e-6);
    const late = [...whole.slice(0, 5), ...whole];
    assert.ok(Math.abs(expectedAfter(late) - plain) < 1e-6, 'a correction that is too late changes nothing');
  });
});
