import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE, type Rate } from '../engine/test-traffic.ts';

const DAY = 1440;
const merchant = (id: string, scale: number): Rate[] =>
  usualRates({}, scale).map((rate) => ({ ...rate, merchant_id: id, acquirer: 'a-1' }));
const others = [...merchant('m-1', 0.6), ...merchant('m-2', 0.4)];

/** Opening hours in minutes of the local day. */
const isOpen = (index: number, from: number, to: number): boolean => {
  const minute = index % DAY;
  return minute >= from && minute < to;
};
const dayOf = (index: number): number => Math.floor(index / DAY);
const jitter = (index: number): number => ((dayOf(index) * 7) % 5) * 4 - 8;

const daysTold = (events: readonly AnomalyEvent[], types: readonly string[] = ['zero_transactions', 'no_data', 'low_volume']): number[] =>
  openings(events)
    .filter(({ anomaly }) => types.includes(anomaly.type))
    .map(({ anomaly }) => dayOf(minuteIndex(anomaly.detected_at)));

suite('opening hours', () => {
  test('a merchant that shuts at about the same time is reported on the first evenings only', () => {
    const open = (index: number): boolean => isOpen(index, 480 + jitter(index), 1320 + jitter(index));
    const events = feed(createDetector({ timeZone: ZONE }), seeded(9), 0, 10 * DAY, (index) => [
      ...others,
      ...(open(index) ? merchant('m-3', 0.2) : []),
    ]);
    assert.ok(
      daysTold(events).every((day) => day <= 2),
      JSON.stringify(daysTold(events)),
    );
  });

  test('a weekly day off is reported once; an outage in opening hours and a shop that does not open are reported', () => {
    const outage = 11 * DAY + 700;
    const missing = 12;
    const open = (index: number): boolean =>
      isOpen(index, 480, 1320) && dayOf(index) % 7 !== 6 && dayOf(index) !== missing && !(index >= outage && index < outage + 60);
    const events = feed(createDetector({ timeZone: ZONE }), seeded(9), 0, 15 * DAY, (index) => [
      ...others,
      ...(open(index) ? merchant('m-3', 0.2) : []),
    ]);
    assert.deepEqual(
      daysTold(events).filter((day) => day > 2),
      [6, 11, missing],
    );
    const atOutage = openings(events).find(({ anomaly }) => dayOf(minuteIndex(anomaly.detected_at)) === 11);
    assert.ok(minuteIndex(atOutage?.anomaly.detected_at ?? '') - outage <= 3);
  });

  test('a fleet that is silent every night is reported on the first nights only; its outage by day is reported', () => {
    const outage = 6 * DAY + 700;
    const open = (index: number): boolean => isOpen(index, 480, 1320) && !(index >= outage && index < outage + 30);
    const events = feed(createDetector({ timeZone: ZONE }), seeded(9), 0, 8 * DAY, (index) => (open(index) ? usualRates() : null));
    assert.deepEqual(
      daysTold(events).filter((day) => day > 2),
      [6],
    );
    const last = openings(events).at(-1)?.anomaly;
    assert.ok(minuteIndex(last?.detected_at ?? '') - outage <= 3);
  });

  test('the state goes through a snapshot', () => {
    const open = (index: number): Rate[] => [...others, ...(isOpen(index, 480, 1320) ? merchant('m-3', 0.2) : [])];
    const whole = createDetector({ timeZone: ZONE });
    feed(whole, seeded(9), 0, 3 * DAY + 600, open);
    const restored = createDetector({ timeZone: ZONE }, whole.snapshot());
    assert.deepEqual(feed(restored, seeded(3), 3 * DAY + 600, 5 * DAY, open), feed(whole, seeded(3), 3 * DAY + 600, 5 * DAY, open));
  });
});
