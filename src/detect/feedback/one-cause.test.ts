import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE, type Rate } from '../engine/test-traffic.ts';
import { noticeOf } from './test-notice.ts';

const OPTIONS = { timeZone: ZONE };
const CALM = 900;
const BURST = 3;
const EVERY = 40;

type Factors = Readonly<Record<string, number>>;
const shop = (merchant_id: string, perMinute: number, factors: Factors = {}): Rate[] =>
  usualRates(factors, perMinute / 100).map((rate) => ({ ...rate, merchant_id }));
/** A company of a large merchant, one whose denials come in harmless bursts, and a third one. */
const company = (noisy: Factors = {}, third: Factors = {}) => [
  ...shop('m-1', 100),
  ...shop('m-noisy', 40, noisy),
  ...shop('m-3', 40, third),
];
const burst = (times = 10): Rate[] => company({ denied: times });
const names = (events: readonly AnomalyEvent[]): string[] =>
  openings(events).map(({ anomaly: { type, node } }) => `${type} ${node.merchant_id ?? node.status ?? node.kind}`);

/** A detector that was told that a burst of one merchant is noise, some minutes after its last minute; the anomaly. */
function judged(seed: number): { detector: Detector; anomaly: Anomaly; random: ReturnType<typeof seeded> } {
  const detector = createDetector(OPTIONS);
  const random = seeded(seed);
  feed(detector, random, 0, CALM, () => company());
  const [first] = openings(feed(detector, random, CALM, CALM + BURST, () => burst()));
  assert.ok(first, 'the first burst is told');
  detector.mark(noticeOf(1, detector.lastMinute, 'noise', first.anomaly));
  feed(detector, random, CALM + BURST, CALM + EVERY, () => company());
  return { detector, anomaly: first.anomaly, random };
}

test('a verdict on what is over covers the code that it named', () => {
  const traffic = (isBad: boolean): Rate[] => [
    { status: 'approved', mean: 200 },
    { status: 'denied', auth_code: '05', mean: 5 },
    { status: 'denied', auth_code: '51', mean: isBad ? 120 : 8 },
  ];
  for (const seed of [1, 2, 3]) {
    const detector = createDetector(OPTIONS);
    const random = seeded(seed);
    feed(detector, random, 0, CALM, () => traffic(false));
    const events = feed(detector, random, CALM, CALM + EVERY, (index) => traffic(index < CALM + 3));
    const [first] = openings(events);
    const ended = events.findLast(({ anomaly }) => anomaly.id === first?.anomaly.id)?.anomaly;
    assert.equal(ended?.status, 'resolved');
    assert.equal(ended.slice.auth_code, '51');
    detector.mark(noticeOf(1, detector.lastMinute, 'noise', ended));
    const again = feed(detector, random, CALM + EVERY, CALM + 2 * EVERY, (index) => traffic(index < CALM + EVERY + 3));
    assert.deepEqual(names(again), [], `seed ${seed}`);
  }
});

suite('a verdict on the denials of one merchant', () => {
  test('covers the same bursts under every other headline: of the fleet, of the approval rate, and after their end', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { detector, random } = judged(seed);
      const told = feed(detector, random, CALM + EVERY, CALM + 13 * EVERY, (index) =>
        (index - CALM) % EVERY < BURST ? burst() : company(),
      );
      assert.deepEqual(names(told), [], `seed ${seed}`);
    }
  });

  test('hides neither another merchant at the same time, nor its own fall, nor what is clearly worse or longer', () => {
    const { detector, random } = judged(7);
    const from = CALM + EVERY;
    const copy = (): Detector => createDetector(OPTIONS, detector.snapshot());
    const both = feed(copy(), random, from, from + BURST, () => company({ denied: 10 }, { denied: 10 }));
    assert.deepEqual(names(both), ['denials_above_normal m-3']);
    const fall = feed(copy(), random, from, from + 8, () => company({ denied: 10, approved: 0.05 }));
    assert.ok(
      names(fall).some((name) => /^(low_volume|approval_rate_down|zero_transactions) m-noisy$/.test(name)),
      names(fall).join(),
    );
    const fleet = feed(copy(), random, from, from + BURST, () => [...shop('m-1', 100, { approved: 0.3 }), ...burst().slice(6)]);
    assert.ok(names(fleet).length > 0);
    assert.ok(
      names(fleet).every((name) => !name.startsWith('denials')),
      names(fleet).join(),
    );
    const worse = openings(feed(copy(), random, from, from + BURST, () => burst(40)));
    assert.equal(worse[0]?.anomaly.node.merchant_id, 'm-noisy');
    const longer = openings(feed(copy(), random, from, from + 30, () => burst()));
    const after = minuteIndex(longer[0]?.anomaly.detected_at ?? '') - from;
    assert.equal(longer[0]?.anomaly.node.merchant_id, 'm-noisy');
    assert.ok(after <= 12, `told after ${after} minutes`);
  });
});
