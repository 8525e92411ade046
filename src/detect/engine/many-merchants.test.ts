import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { sliceCounts } from '../../topic/slice-counts.ts';
import { createDetector } from './create-detector.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, ZONE, type Rate } from './test-traffic.ts';

const MERCHANTS = 3000;
const CALM = 100;
const BAD = 20;

/** What is opened in a company of many small merchants of which those of one acquirer fail for twenty minutes. */
function opened(seed: number): [type: string, node: string, minute: number][] {
  const random = seeded(seed);
  const rates = (minute: number): Rate[] =>
    Array.from({ length: MERCHANTS }, (_merchant, n) => n).flatMap((n) => {
      const acquirer = `acq-${n % 3}`;
      const merchant_id = `m-${n}`;
      const isDown = acquirer === 'acq-1' && minute >= CALM && minute < CALM + BAD;
      // A merchant in five has two hundred times the traffic of the others.
      const mean = n % 5 === 0 ? 0.5 : 0.0025;
      return [
        { status: 'approved' as const, acquirer, merchant_id, mean: mean * (isDown ? 0.1 : 1) },
        { status: 'failed' as const, acquirer, merchant_id, auth_code: '91', mean: mean * (isDown ? 0.9 : 0.001) },
      ];
    });
  return openings(feed(createDetector({ timeZone: ZONE }), random, 0, CALM + BAD + 30, rates)).map(({ anomaly }) => [
    anomaly.type,
    anomaly.node.kind,
    minuteIndex(anomaly.detected_at) - CALM,
  ]);
}

const SPARSE = 2000;
const LARGE = 'm-7';

/** What is opened in a company of merchants with a transaction in four minutes, each at one of three acquirers: more pairs of both than windows
 *  carry. Those of `acq-1` fail for twenty minutes, and `LARGE` at another acquirer for the last twelve of them. */
function openedBesideOutage(seed: number, isLargeBroken: boolean): AnomalyEvent[] {
  const random = seeded(seed);
  const rates = (minute: number): Rate[] =>
    Array.from({ length: SPARSE }, (_merchant, n) => n).flatMap((n) => {
      const acquirer = `acq-${n % 3 === 1 && `m-${n}` !== LARGE ? 1 : 2 + (n % 2)}`;
      const merchant_id = `m-${n}`;
      const isDown = acquirer === 'acq-1' && minute >= CALM && minute < CALM + BAD;
      const isBroken = isDown || (isLargeBroken && merchant_id === LARGE && minute >= CALM + 8 && minute < CALM + BAD);
      const mean = merchant_id === LARGE ? 6 : 0.25;
      return [
        { status: 'approved' as const, acquirer, merchant_id, mean: mean * (isBroken ? 0.03 : 1) },
        { status: 'failed' as const, acquirer, merchant_id, auth_code: '91', mean: mean * (isBroken ? 0.97 : 0.001) },
      ];
    });
  const detector = createDetector({ timeZone: ZONE });
  const events: AnomalyEvent[] = [];
  for (let minute = 0; minute < CALM + BAD + 20; minute++)
    events.push(...detector.step(withSlices(drawWindow(random, minute, rates(minute)))).events);
  return openings(events);
}

function withSlices(window: ClosedWindow): ClosedWindow {
  return { ...window, slices: sliceCounts(window.cells.map((cell) => ({ ...cell, payment_method: '', card_bin: '', currency: '' }))) };
}

suite('many merchants', () => {
  test('the failures of an acquirer of sparse merchants are one anomaly where windows have no room for every pair', () => {
    for (const seed of [1, 2]) {
      const found = openedBesideOutage(seed, false).map(({ anomaly: { type, node, slice } }) => [type, { ...slice, ...node }.acquirer]);
      assert.deepEqual(found, [['failures_above_normal', 'acq-1']], JSON.stringify(found.slice(0, 10)));
    }
  });

  test('a merchant that fails elsewhere beside it is reported', () => {
    for (const seed of [1, 2]) {
      const found = openedBesideOutage(seed, true);
      const own = found.filter(({ anomaly }) => anomaly.node.merchant_id === LARGE);
      assert.equal(found.length, 2, JSON.stringify(found.map(({ anomaly }) => anomaly.node).slice(0, 10)));
      assert.equal(own.length, 1);
      assert.ok(minuteIndex(own[0]?.anomaly.detected_at ?? '') - CALM <= 11, own[0]?.anomaly.detected_at);
    }
  });

  test('a small merchant to which more came than usual is no second anomaly beside denials of everybody', () => {
    const random = seeded(1);
    const detector = createDetector({ timeZone: ZONE });
    const rates = (minute: number): Rate[] =>
      Array.from({ length: MERCHANTS }, (_merchant, n) => {
        const denied = minute >= CALM && minute < CALM + BAD ? 0.4 : 0.04;
        return [
          { status: 'approved' as const, merchant_id: `m-${n}`, mean: 0.06 * (1 - denied) },
          { status: 'denied' as const, merchant_id: `m-${n}`, auth_code: '05', mean: 0.06 * denied },
        ];
      }).flat();
    const events: AnomalyEvent[] = [];
    for (let minute = 0; minute < CALM + BAD + 20; minute++) {
      const window = drawWindow(random, minute, rates(minute));
      // What is denied is tried again, and approved in the end.
      const isTried = minute >= CALM + 2 && minute < CALM + 10;
      const own = {
        status: minute === CALM + 9 ? ('approved' as const) : ('denied' as const),
        auth_code: '05',
        merchant_id: 'm-1',
        acquirer: '',
      };
      const cells = window.cells.filter(({ merchant_id }) => merchant_id !== own.merchant_id);
      events.push(...detector.step(isTried ? { ...window, cells: [...cells, { ...own, count: 1, amount: 0 }] } : window).events);
    }
    const found = openings(events).map(({ anomaly: { type, node } }) => [type, node.merchant_id]);
    assert.deepEqual(found, [['denials_above_normal', undefined]], JSON.stringify(found));
  });

  test('the failures of an acquirer are one anomaly, and its end opens none of a merchant', () => {
    for (const seed of [1, 2]) {
      const found = opened(seed);
      assert.equal(found.length, 1, JSON.stringify(found.slice(0, 10)));
      assert.equal(found[0]?.[0], 'failures_above_normal');
      assert.ok((found[0]?.[2] ?? 99) <= 1, JSON.stringify(found[0]));
    }
  });
});
