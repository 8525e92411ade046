import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from './create-detector.ts';
import { feed, minuteIndex, openings, seeded, usualRates, ZONE, type Rate } from './test-traffic.ts';

const CALM = 600;

const SHOPS: readonly (readonly [merchant: string, acquirer: string, mean: number])[] = [
  ['shop-a', 'acq-1', 60],
  ['shop-b', 'acq-2', 50],
  ['shop-c', 'acq-1', 40],
  ['shop-d', 'acq-2', 40],
];

interface Failing {
  /** Share of the approved ones of a merchant that end with this status and code instead. */
  readonly share: (merchant: string, acquirer: string) => number;
  readonly status: 'denied' | 'failed' | 'reversed';
  readonly code: string;
}

/** Traffic of four merchants at two acquirers, of which some ends badly. */
function ratesOf(...failing: readonly Failing[]): Rate[] {
  return SHOPS.flatMap(([merchant_id, acquirer, mean]) => {
    const place = { merchant_id, acquirer };
    const bad = failing.map(({ share, status, code }) => ({
      status,
      auth_code: code,
      mean: mean * share(merchant_id, acquirer),
      ...place,
    }));
    const lost = bad.reduce((sum, rate) => sum + rate.mean, 0);
    return [
      { status: 'approved', auth_code: '00', mean: Math.max(0, mean - lost), ...place },
      { status: 'denied', auth_code: '51', mean: 0.05 * mean, ...place },
      { status: 'denied', auth_code: '05', mean: 0.03 * mean, ...place },
      { status: 'failed', auth_code: '91', mean: 0.002 * mean, ...place },
      { status: 'reversed', auth_code: '00', mean: 0.01 * mean, ...place },
      ...bad.filter((rate) => rate.mean > 0),
    ] satisfies Rate[];
  });
}

const denials = (only: string): Failing => ({ status: 'denied', code: '51', share: (merchant) => (merchant === only ? 0.5 : 0) });
const insufficient: Failing = { status: 'denied', code: '51', share: () => 0.2 };
const doNotHonour: Failing = { status: 'denied', code: '05', share: () => 0.2 };
const outage: Failing = { status: 'failed', code: '91', share: (_, acquirer) => (acquirer === 'acq-1' ? 0.95 : 0) };
const reversals: Failing = { status: 'reversed', code: '00', share: () => 0.15 };

/** Calm minutes, then the failing of each minute; minutes of the events count from the first of these. */
function play(failing: (minute: number) => readonly Failing[], seed: number): AnomalyEvent[] {
  const detector = createDetector({ timeZone: ZONE });
  const random = seeded(seed);
  feed(detector, random, 0, CALM, () => ratesOf());
  return feed(detector, random, CALM, CALM + 60, (index) => ratesOf(...failing(index - CALM)));
}

const at = (events: readonly AnomalyEvent[]): string =>
  JSON.stringify(openings(events).map(({ sequence, anomaly }) => [sequence - CALM, anomaly.type, anomaly.node, anomaly.slice]));
const lastOf = (events: readonly AnomalyEvent[], id: string | undefined) => events.findLast(({ anomaly }) => anomaly.id === id)?.anomaly;

suite('an incident beside an open anomaly', () => {
  for (const seed of [12, 13, 14]) {
    test(`a second merchant that fails after the first has an anomaly of its own, with its own figures and end: seed ${seed}`, () => {
      const events = play(
        (minute) => [...(minute < 12 ? [denials('shop-a')] : []), ...(minute >= 6 && minute < 34 ? [denials('shop-b')] : [])],
        seed,
      );
      const [first, second, ...more] = openings(events);
      assert.deepEqual(more, [], at(events));
      assert.equal(first?.anomaly.node.merchant_id, 'shop-a', at(events));
      assert.equal(second?.anomaly.node.merchant_id, 'shop-b', at(events));
      assert.ok((second?.sequence ?? 0) - CALM <= 7, at(events));
      assert.ok(Math.abs(minuteIndex(second?.anomaly.started_at ?? '') - CALM - 6) <= 1);
      assert.ok((first?.anomaly.expected ?? 99) < 8 && (first?.anomaly.observed ?? 99) < 60, JSON.stringify(first?.anomaly));
      const ends = [first, second].map((event) => minuteIndex(lastOf(events, event?.anomaly.id)?.resolved_at ?? '') - CALM);
      assert.ok((ends[0] ?? 99) <= 16 && (ends[1] ?? 0) >= 33 && (ends[1] ?? 99) <= 38, ends.join());
    });

    test(`an acquirer that fails while one code is denied is reported at once, and the code stays what it was: seed ${seed}`, () => {
      const events = play((minute) => [...(minute < 40 ? [insufficient] : []), ...(minute >= 12 && minute < 32 ? [outage] : [])], seed);
      const [first, second, ...more] = openings(events);
      assert.deepEqual(more, [], at(events));
      assert.equal(first?.anomaly.slice.auth_code, '51');
      assert.equal(second?.anomaly.node.acquirer, 'acq-1', at(events));
      assert.equal(second?.anomaly.type, 'failures_above_normal');
      assert.ok((second?.sequence ?? 0) - CALM <= 13, at(events));
      for (const { anomaly } of events.filter(({ anomaly: { id } }) => id === first?.anomaly.id)) {
        assert.equal(anomaly.slice.auth_code, '51', JSON.stringify(anomaly.slice));
        assert.notEqual(anomaly.slice.acquirer, 'acq-1', JSON.stringify(anomaly.slice));
      }
    });

    test(`another code and another status have anomalies of their own: seed ${seed}`, () => {
      for (const [trouble, wanted] of [
        [doNotHonour, 'denials_above_normal'],
        [reversals, 'reversals_above_normal'],
      ] as const) {
        const events = play((minute) => [...(minute < 40 ? [insufficient] : []), ...(minute >= 8 && minute < 30 ? [trouble] : [])], seed);
        const [first, second, ...more] = openings(events);
        assert.deepEqual(more, [], at(events));
        assert.equal(second?.anomaly.type, wanted, at(events));
        assert.ok((second?.sequence ?? 0) - CALM <= 9, at(events));
        assert.notEqual(first?.anomaly.id, second?.anomaly.id);
        if (trouble === doNotHonour) assert.equal(second?.anomaly.slice.auth_code, '05', at(events));
      }
    });
  }

  test('one outage of an acquirer stays one anomaly, told with the figures of that acquirer', () => {
    for (const seed of [21, 22, 23]) {
      const events = play((minute) => (minute < 25 ? [outage] : []), seed);
      assert.equal(openings(events).length, 1, at(events));
      const [first] = openings(events);
      assert.equal(first?.anomaly.node.acquirer, 'acq-1');
      assert.ok((first?.anomaly.expected ?? 9) < 0.4, JSON.stringify(first?.anomaly));
    }
  });
});

test('a fall that turns into reversals takes the name of the stronger sign within two minutes and keeps it to the end', () => {
  for (const seed of [31, 32, 33]) {
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(seed);
    feed(detector, random, 0, CALM, () => usualRates({}, 3));
    const events = feed(detector, random, CALM, CALM + 45, (index) => {
      const minute = index - CALM;
      if (minute < 2) return usualRates({ all: 0.4 }, 3);
      return minute < 30 ? usualRates({ approved: 0.5, reversed: 40 }, 3) : usualRates({}, 3);
    });
    const [first, ...more] = openings(events);
    assert.deepEqual(more, [], at(events));
    const names = events.filter(({ sequence }) => sequence >= CALM + 4).map(({ anomaly }) => anomaly.type);
    assert.equal(first?.anomaly.type, 'low_volume');
    assert.deepEqual([...new Set(names)], ['reversals_above_normal'], names.join());
    const end = lastOf(events, first?.anomaly.id);
    assert.equal(end?.status, 'resolved');
    assert.deepEqual([end?.observed, end?.z_score], [end?.peak.observed, end?.peak.z_score]);
    assert.ok((end?.peak.observed ?? 0) > 80 && (end?.peak.expected ?? 99) < 6, JSON.stringify(end?.peak));
  }
});
