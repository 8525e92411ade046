import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { createDetector } from '../engine/create-detector.ts';
import { feed, openings, seeded, ZONE, type Rate } from '../engine/test-traffic.ts';

const CALM = 600;
const SHOPS: readonly (readonly [string, number])[] = [
  ['m-1', 40],
  ['m-2', 30],
  ['m-3', 20],
  ['m-4', 9],
];

/** Traffic of four merchants at a share of what is usual. */
function ratesOf(shares: readonly number[], denied = 0.05): Rate[] {
  return SHOPS.flatMap(([merchant_id, mean], index) => [
    { status: 'approved', mean: mean * (shares[index] ?? 1), merchant_id },
    { status: 'denied', mean: mean * denied, merchant_id },
  ]);
}

function play(rates: (minute: number) => readonly Rate[], minutes: number): AnomalyEvent[] {
  const detector = createDetector({ timeZone: ZONE });
  const random = seeded(9);
  feed(detector, random, 0, CALM, () => ratesOf([1, 1, 1, 1]));
  return feed(detector, random, CALM, CALM + minutes, (index) => rates(index - CALM));
}

test('a merchant that falls a moment before everybody does goes on as the anomaly of the fleet, with its id', () => {
  const events = play((minute) => (minute < 2 ? ratesOf([0.02, 0.75, 0.75, 0.75], 0.02) : ratesOf([0, 0, 0, 0], 0)), 12);
  const first = openings(events)[0]?.anomaly;
  const last = events.findLast(({ anomaly }) => anomaly.id === first?.id)?.anomaly;
  assert.equal(last?.node.kind, 'fleet');
  assert.equal(openings(events).length, 1, JSON.stringify(openings(events).map(({ anomaly }) => anomaly.node)));
});

test('a merchant that is down by itself keeps its name when everybody loses a little', () => {
  const events = play((minute) => ratesOf(minute < 8 ? [1, 1, 1, 0] : [0.6, 0.6, 0.6, 0]), 24);
  const names = new Map(events.map(({ anomaly }) => [anomaly.id, anomaly.node.merchant_id ?? anomaly.node.kind]));
  assert.deepEqual([...names.values()].toSorted(), ['fleet', 'm-4']);
});

test('a fall that turns out to be denials is reported as denials, under the same id and with its first name', () => {
  const events = play((minute) => (minute < 2 ? ratesOf([0.6, 0.6, 0.6, 0.6]) : ratesOf([0.6, 0.6, 0.6, 0.6], 0.45)), 25);
  const first = openings(events)[0]?.anomaly;
  const last = events.findLast(({ anomaly }) => anomaly.id === first?.id)?.anomaly;
  assert.notEqual(first?.type, 'denials_above_normal');
  assert.equal(last?.type, 'denials_above_normal');
  assert.deepEqual(last?.node, { kind: 'status', status: 'denied' });
  assert.equal(last?.reasons.find(({ code }) => code === 'renamed')?.params['was'], first?.type);
});

test('a merchant does not wait for the fleet that it alone moves', () => {
  const failing = (mean: number): Rate[] => [
    { status: 'failed', mean, merchant_id: 'm-3' },
    { status: 'failed', mean: 2, merchant_id: 'm-1' },
  ];
  const detector = createDetector({ timeZone: ZONE });
  const random = seeded(9);
  feed(detector, random, 0, CALM, () => [...ratesOf([1, 1, 1, 1]), ...failing(0.04)]);
  const events = feed(detector, random, CALM, CALM + 3, () => [...ratesOf([1, 1, 0.85, 1]), ...failing(6)]);
  const [first] = openings(events);
  assert.deepEqual(first?.anomaly.node, { kind: 'merchant_status', status: 'failed', merchant_id: 'm-3' });
});
