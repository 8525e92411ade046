import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { sliceCounts, type SlicePart } from '../../topic/slice-counts.ts';
import { createDetector } from './create-detector.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, windowOf, ZONE, type Rate } from './test-traffic.ts';

const CALM = 600;
const SHOPS = ['shop-a', 'shop-b', 'shop-c', 'shop-d'].map((merchant_id, index) => ({ merchant_id, acquirer: `acq-${(index % 2) + 1}` }));

const told = (events: readonly AnomalyEvent[]): string[] =>
  openings(events).map(({ anomaly: { type, node } }) => `${type} of ${node.merchant_id ?? node.acquirer ?? node.status ?? node.kind}`);

/** Four merchants at two acquirers: `mean` a minute each, of which a share is denied with code 51. */
const rates = (mean: number, denied = 0.05): Rate[] =>
  SHOPS.flatMap((shop) => [
    { ...shop, status: 'approved', auth_code: '00', mean: mean * (0.98 - denied) },
    { ...shop, status: 'denied', auth_code: '51', mean: mean * denied },
    { ...shop, status: 'reversed', auth_code: '00', mean: 0.02 * mean },
  ]);

/** The same of a large merchant and twelve others at three acquirers. */
const company = (mean: number): Rate[] =>
  ['large', ...Array.from({ length: 12 }, (_, index) => `shop-${index}`)].flatMap((merchant_id, index) =>
    rates(merchant_id === 'large' ? 1.5 * mean : mean)
      .slice(0, 3)
      .map((rate) => ({ ...rate, merchant_id, acquirer: `acq-${(index % 3) + 1}` })),
  );

suite('one cause, one anomaly', () => {
  for (const mean of [20, 250, 2000]) {
    test(`an outage of everybody is no second one of the large merchants and acquirers: ${mean} a minute each`, () => {
      for (const rest of [0, 0.005]) {
        const random = seeded(5);
        const detector = createDetector({ timeZone: ZONE });
        feed(detector, random, 0, CALM, () => rates(mean));
        const events = feed(detector, random, CALM, CALM + 30, (index) => rates(index < CALM + 12 ? rest * mean : mean));
        assert.equal(openings(events).length, 1, told(events).join());
        assert.equal(openings(events)[0]?.anomaly.node.kind, 'fleet');
      }
    });
  }

  test('a merchant that is down is reported before its acquirer, which it explains', () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const detector = createDetector({ timeZone: ZONE });
      const minute = (index: number): Rate[] =>
        company(40).map((rate) => {
          const isDown = rate.merchant_id === 'large' && index >= CALM && index < CALM + 20;
          return { ...rate, mean: isDown ? 0 : rate.mean };
        });
      const events = feed(detector, random, 0, CALM + 40, minute);
      assert.equal(told(events)[0], 'zero_transactions of large', told(events).join());
      assert.ok(!told(events).some((one) => one.includes('acq-')), told(events).join());
    }
  });

  test('failures of a merchant whose denials are open go on as one anomaly, not as a row of short ones', () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const detector = createDetector({ timeZone: ZONE });
      // Two of three merchants fail one after the other; the denials of the last one turn into failures.
      const bad: Readonly<Record<string, readonly [number, number]>> = { sul: [CALM + 6, CALM + 30], leste: [CALM + 18, CALM + 36] };
      const minute = (index: number): Rate[] =>
        ['norte', 'sul', 'leste'].flatMap((merchant_id): Rate[] => {
          const [from, to] = bad[merchant_id] ?? [0, 0];
          const isBad = index >= from && index < to;
          const fails = isBad && merchant_id === 'leste' && index >= CALM + 24;
          return [
            { merchant_id, status: 'approved', mean: isBad ? 12 : 60 },
            { merchant_id, status: 'denied', mean: isBad && !fails ? 40 : 2 },
            { merchant_id, status: 'failed', mean: fails ? 45 : 0.2 },
          ];
        });
      const events = feed(detector, random, 0, CALM + 60, minute);
      const failures = events.filter(({ anomaly, event }) => anomaly.type === 'failures_above_normal' && event !== 'updated');
      assert.deepEqual(
        failures.map(({ event }) => event),
        ['opened', 'resolved'],
        told(events).join(),
      );
      assert.ok(minuteIndex(failures[0]?.anomaly.detected_at ?? '') <= CALM + 25);
      assert.ok(minuteIndex(failures[1]?.anomaly.resolved_at ?? '') >= CALM + 36, 'not before they end');
      assert.equal(failures[1]?.anomaly.slice.merchant_id, 'leste');
    }
  });

  test('denials of a merchant whose anomaly is named by its failures by now stay a part of it', () => {
    // Seeds in which single failures at the beginning take the two for one incident.
    for (const seed of [39, 48, 58]) {
      const usual: Readonly<Record<string, number>> = { a: 100, b: 120, c: 150 };
      const minute = (index: number): Rate[] =>
        Object.entries(usual).flatMap(([merchant_id, mean]): Rate[] => {
          const since = merchant_id === 'a' && index < CALM / 2 + 60 ? index - CALM / 2 : -1;
          return [
            { merchant_id, status: 'approved', mean: since < 0 ? mean : 40 },
            { merchant_id, status: 'denied', mean: since < 0 ? mean * 0.03 : 30 },
            { merchant_id, status: 'failed', mean: since >= 15 ? 60 : [0, 10, 14].includes(since) ? 1.5 : 0.2 },
          ];
        });
      const events = feed(createDetector({ timeZone: ZONE }), seeded(seed), 0, CALM / 2 + 90, minute);
      assert.ok(openings(events).length <= 2, `seed ${seed}: ${told(events).join()}`);
      const ends = events.filter(({ event }) => event === 'resolved').map(({ anomaly }) => minuteIndex(anomaly.resolved_at ?? ''));
      assert.ok(Math.max(...ends) >= CALM / 2 + 60, `seed ${seed}: not before it is over`);
    }
  });

  test('reversals of everybody beside an acquirer that is down name no acquirer', () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const detector = createDetector({ timeZone: ZONE });
      const minute = (index: number): Rate[] =>
        company(40).flatMap((rate): Rate[] => {
          if (rate.acquirer === 'acq-1' && index >= CALM && index < CALM + 30)
            return [
              { ...rate, mean: 0.03 * rate.mean },
              { ...rate, status: 'failed', auth_code: '91', mean: 0.97 * rate.mean },
            ];
          return [{ ...rate, mean: rate.mean * (rate.status === 'reversed' && index >= CALM + 10 && index < CALM + 40 ? 8 : 1) }];
        });
      const events = feed(detector, random, 0, CALM + 60, minute);
      assert.deepEqual(told(events).slice(0, 2), ['failures_above_normal of acq-1', 'reversals_above_normal of reversed']);
      const [, second] = openings(events);
      for (const { anomaly } of events.filter(({ anomaly: { id } }) => id === second?.anomaly.id))
        assert.equal(anomaly.slice.acquirer, undefined, JSON.stringify([anomaly.updated_at, anomaly.slice]));
    }
  });

  test('late rows of an incident that has ended open nothing', () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const detector = createDetector({ timeZone: ZONE });
      const minute = (index: number) => rates(300, index >= CALM && index < CALM + 20 ? 0.3 : 0.05);
      const events: AnomalyEvent[] = [];
      // Each minute comes with nineteen twentieths of its rows; four minutes later a correction brings the others.
      const whole: ClosedWindow[] = [];
      for (let index = 0; index < CALM + 45; index++) {
        const window = drawWindow(random, index, minute(index));
        whole.push(window);
        const cells = window.cells.map((cell) => ({ ...cell, count: cell.count - Math.floor(cell.count / 20) }));
        events.push(...detector.step({ ...window, sequence: 2 * index, cells }).events);
        const late = whole.at(-5);
        if (late !== undefined) events.push(...detector.step({ ...late, revision: 1, sequence: 2 * index + 1 }).events);
      }
      assert.deepEqual(told(events), ['denials_above_normal of denied']);
    }
  });

  test('reversals do not rise beside denials that take the approved ones away', () => {
    for (const seed of [1, 2]) {
      const random = seeded(seed);
      const detector = createDetector({ timeZone: ZONE });
      feed(detector, random, 0, 2000, () => rates(300));
      const events = feed(detector, random, 2000, 2120, () => rates(300, 0.3));
      assert.deepEqual(told(events), ['denials_above_normal of denied']);
    }
  });

  test('a range of cards that is denied at every acquirer is reported once', () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const detector = createDetector({ timeZone: ZONE });
      const events: AnomalyEvent[] = [];
      for (let index = 0; index < 480; index++) events.push(...detector.step(cardMinute(random, index, index >= 450)).events);
      assert.equal(openings(events).length, 1, told(events).join());
      const last = events.findLast(({ anomaly }) => anomaly.id === openings(events)[0]?.anomaly.id)?.anomaly;
      assert.match(last?.slice.card_bin ?? '', /^411/, JSON.stringify(last?.slice));
    }
  });
});

const BINS = ['411111', '411122', '411133', '550000', '550011', '606200', '606211', '636300', '636311'];
/** A range is as rare at one acquirer as it is common at the other. */
const CARD_MEANS: Readonly<Record<string, readonly number[]>> = {
  'acq-1': [5, 5, 5, 1, 1, 1, 1, 1, 1],
  'acq-2': [1, 1, 1, 3, 3, 3, 3, 3, 3],
};

/** A minute of single transactions at two acquirers, of which the cards with 411 may be denied. */
function cardMinute(random: ReturnType<typeof seeded>, index: number, isBroken: boolean): ClosedWindow {
  const parts: SlicePart[] = [];
  for (const shop of SHOPS) {
    BINS.forEach((card_bin, place) => {
      const mean = CARD_MEANS[shop.acquirer]?.[place] ?? 0;
      const denied = isBroken && card_bin.startsWith('411') ? 0.6 : 0.05;
      for (const [status, auth_code, share] of [
        ['approved', '00', 1 - denied],
        ['denied', '05', denied],
      ] as const) {
        const count = random.poisson(mean * share);
        const part = { ...shop, status, auth_code, card_bin, payment_method: 'credit', currency: 'BRL', count, amount: 10 * count };
        if (count > 0) parts.push(part);
      }
    });
  }
  const cells = parts.map(({ card_bin: _bin, payment_method: _method, currency: _currency, ...cell }) => cell);
  return { ...windowOf(index, cells, 'observed'), slices: sliceCounts(parts) };
}
