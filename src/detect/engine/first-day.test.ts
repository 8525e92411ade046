import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from './create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE } from './test-traffic.ts';

const HOUR = 60;
/** Hours of a day from midnight on and transactions a minute, in between as a straight line of the logarithm. */
const CURVE = [
  [0, 20],
  [3, 2],
  [6, 2],
  [8, 100],
  [12, 200],
  [18, 180],
  [24, 20],
] as const;

/** Part of the usual 100 a minute that a minute of the day has. */
function levelAt(minute: number): number {
  const hour = minute / HOUR;
  const next = CURVE.findIndex(([at]) => at > hour);
  const [from, before] = CURVE[next - 1] ?? CURVE[0];
  const [to, after] = CURVE[next] ?? CURVE[0];
  return (before * (after / before) ** ((hour - from) / (to - from))) / 100;
}

/** Plays a day from midnight on to a detector that has seen nothing; `change` has factors by status. */
function day(change: (minute: number) => Readonly<Record<string, number>> = () => ({}), seed = 1): AnomalyEvent[] {
  return feed(createDetector({ timeZone: ZONE }), seeded(seed), 0, 1440, (minute) => usualRates(change(minute), levelAt(minute)));
}

const told = (events: readonly AnomalyEvent[]) => openings(events).map(({ anomaly }) => [anomaly.type, minuteIndex(anomaly.detected_at)]);

function assertTold(events: readonly AnomalyEvent[], types: readonly string[], from: number, to: number): void {
  const opened = openings(events);
  assert.deepEqual(
    opened.map(({ anomaly }) => types.includes(anomaly.type)),
    [true],
    JSON.stringify(told(events)),
  );
  const found = minuteIndex(opened[0]?.anomaly.detected_at ?? '');
  assert.ok(found >= from && found <= from + 2, `told in minute ${found - from}`);
  const end = minuteIndex(events.find(({ event }) => event === 'resolved')?.anomaly.resolved_at ?? '');
  assert.ok(end >= to && end <= to + 15, `ended ${end - to} minutes after`);
}

suite('the first day of a stream', () => {
  test('a night, a morning that grows fiftyfold in two hours and an evening are no incidents', () => {
    for (const seed of [1, 2, 3, 4]) assert.deepEqual(told(day(() => ({}), seed)), []);
  });

  test('an outage is reported at once after a steep morning, and ends when it does', () => {
    const from = 9 * HOUR;
    const events = day((minute) => (minute >= from && minute < from + 30 ? { all: 0.01, approved: 0.01 } : {}));
    assertTold(events, ['zero_transactions', 'low_volume'], from, from + 30);
  });

  test('approved ones that fall by 40 % are reported at once, and not as denials', () => {
    const from = 15 * HOUR;
    const events = day((minute) => (minute >= from && minute < from + 20 ? { approved: 0.6 } : {}));
    assertTold(events, ['low_volume', 'approval_rate_down'], from, from + 20);
  });

  test('a fall that lasts through a part of the evening ends with it', () => {
    const from = 20 * HOUR;
    const events = day((minute) => (minute >= from && minute < from + 50 ? { all: 0.4, approved: 0.4 } : {}));
    assertTold(events, ['low_volume'], from, from + 50);
  });

  test('denials in the morning end with them, although the volume grew meanwhile', () => {
    const from = 7 * HOUR;
    const events = day((minute) => (minute >= from && minute < from + 40 ? { denied: 6 } : {}));
    assertTold(events, ['denials_above_normal'], from, from + 40);
  });

  test('a batch of refunds that fills one minute is none, one that goes on is reported', () => {
    assert.deepEqual(told(day((minute) => (minute % (4 * HOUR) === 0 ? { refunded: 12 } : {}))), []);
    const events = day((minute) => (minute >= 14 * HOUR && minute < 14 * HOUR + 15 ? { refunded: 12 } : {}));
    assertTold(events, ['reversals_above_normal'], 14 * HOUR, 14 * HOUR + 15);
  });
});
