import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { sliceCounts } from '../../topic/slice-counts.ts';
import { createDetector, type DetectorOptions } from './create-detector.ts';
import { DEFAULT_LIMITS, type SeverityLimits } from '../anomaly/severity-limits.ts';
import { drawWindow, feed, minuteIndex, openings, seeded, START, usualRates, ZONE, type Rate } from './test-traffic.ts';

const CALM = 600;

/** Shops with their sizes (1: a hundred transactions a minute), of which some are down. */
const shops = (sizes: readonly number[], isDown: (shop: number) => boolean): Rate[] =>
  sizes.flatMap((size, shop) =>
    isDown(shop) ? [] : usualRates({}, size).map((rate) => ({ ...rate, merchant_id: `m-${shop}`, acquirer: `acq-${shop % 2}` })),
  );

function play(rates: (index: number) => readonly Rate[] | null, minutes: number, options: Partial<DetectorOptions> = {}): AnomalyEvent[] {
  const events = feed(createDetector({ timeZone: ZONE, ...options }), seeded(3), 0, CALM + minutes, rates);
  return events.filter(({ anomaly }) => anomaly.type !== 'drift_warning');
}

/** The defaults with an absolute limit for what the fleet has lost. */
const limitsOf = (lost_transactions: number): SeverityLimits => ({
  ...DEFAULT_LIMITS,
  fleet: { ...DEFAULT_LIMITS.fleet, critical: { ...DEFAULT_LIMITS.fleet.critical, lost_transactions } },
});

/** Severities that an anomaly was reported with, and since when, minutes after the start. */
function toldBy(events: readonly AnomalyEvent[]): (readonly [string, number])[] {
  const told: (readonly [string, number])[] = [];
  for (const { anomaly } of events)
    if (told.at(-1)?.[0] !== anomaly.severity) told.push([anomaly.severity, minuteIndex(anomaly.updated_at) - CALM]);
  return told;
}

suite('escalation', () => {
  test('a small rise of an adverse status that lasts becomes critical by what it has lost, in the minute in which it has', () => {
    const events = play((index) => usualRates(index < CALM ? {} : { approved: 0.925, denied: 2.2 }, 10), 200);
    const own = events.filter(({ anomaly }) => anomaly.id === events[0]?.anomaly.id);
    const told = toldBy(own);
    assert.deepEqual(
      told.map(([severity]) => severity),
      ['warning', 'critical'],
      JSON.stringify(told),
    );
    const risen = own.find(({ anomaly }) => anomaly.severity === 'critical')?.anomaly;
    assert.equal(risen?.severity_reason?.code, 'severity_lost_minutes');
    // Five minutes of the fleet's 920 approved ones.
    const lost = risen?.lost_transactions ?? 0;
    assert.ok(lost >= 4400 && lost <= 4900, `told when ${lost} were lost`);
    assert.equal(own.at(-1)?.anomaly.severity, 'critical', 'it never falls');
  });

  test('what is configured decides when', () => {
    const minutesTo = (lost_transactions: number): number => {
      const options = { severity: limitsOf(lost_transactions) };
      const events = play((index) => usualRates(index < CALM ? {} : { approved: 0.925, denied: 2.2 }, 10), 200, options);
      return toldBy(events).find(([severity]) => severity === 'critical')?.[1] ?? Number.NaN;
    };
    const [early, late] = [minutesTo(1000), minutesTo(3000)];
    assert.ok(early < late, `${early} and ${late} minutes`);
  });

  test('a restored state and one that never stopped escalate in the same minute, to the bit', () => {
    const random = seeded(9);
    const minutes: ClosedWindow[] = Array.from({ length: CALM + 280 }, (_, index) =>
      drawWindow(random, index, usualRates(index < CALM ? {} : { approved: 0.925, denied: 2.2 }, 10)),
    );
    const run = (isRestarted: boolean): string => {
      let detector = createDetector({ timeZone: ZONE });
      const events: AnomalyEvent[] = [];
      for (const [index, window] of minutes.entries()) {
        events.push(...detector.step(window).events);
        if (isRestarted && index % 7 === 0) detector = createDetector({ timeZone: ZONE }, detector.snapshot());
      }
      return JSON.stringify(events);
    };
    const told = run(false);
    assert.match(told, /severity_lost_minutes/);
    assert.equal(run(true), told);
  });

  test('other limits take hold of what is open, and of nothing that was learnt', () => {
    const random = seeded(3);
    const detector = createDetector({ timeZone: ZONE });
    const rates = (index: number) => usualRates(index < CALM ? {} : { approved: 0.925, denied: 2.2 }, 10);
    const before = feed(detector, random, 0, CALM + 20, rates).at(-1)?.anomaly;
    assert.equal(before?.severity, 'warning');
    const stricter = createDetector({ timeZone: ZONE, severity: limitsOf(100) }, detector.snapshot());
    const [risen] = feed(stricter, random, CALM + 20, CALM + 21, rates);
    assert.deepEqual([risen?.event, risen?.anomaly.id, risen?.anomaly.severity], ['updated', before.id, 'critical']);
    assert.equal(risen?.anomaly.severity_reason?.code, 'severity_lost');
  });

  test('late rows that fill the gap take back what counts as lost', () => {
    const at = CALM;
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(3);
    feed(detector, random, 0, at, () => usualRates());
    const opened = feed(detector, random, at, at + 3, () => usualRates({ approved: 0.75, denied: 4.8 })).at(-1)?.anomaly;
    assert.ok(opened !== undefined && opened.lost_transactions > 30);
    const whole = drawWindow(seeded(5), at + 2, usualRates());
    detector.step({ ...whole, sequence: at + 3, revision: 1 });
    const next = drawWindow(seeded(6), at + 3, usualRates({ approved: 0.75, denied: 4.8 }));
    detector.step({ ...next, sequence: at + 4 });
    const state = Buffer.from(detector.snapshot()).toString('latin1');
    const tolls = /"tolls":(\[[^\]]*\])/.exec(state)?.[1] ?? '[]';
    const corrected = (JSON.parse(tolls) as { minute: number; lost: number }[]).find(({ minute }) => minute === START / 60_000 + at + 2);
    assert.ok(Math.abs(corrected?.lost ?? 99) < 25, JSON.stringify(corrected));
  });
});

suite('whose traffic', () => {
  const small = [...Array.from({ length: 9 }, () => 1.11), 0.01];

  test('a merchant of a thousandth of the traffic that is down wakes nobody', () => {
    const events = play((index) => shops(small, (shop) => index >= CALM && shop === 9), 120);
    assert.deepEqual(
      openings(events).map(({ anomaly }) => anomaly.node.merchant_id),
      ['m-9'],
    );
    assert.deepEqual(new Set(events.map(({ anomaly }) => anomaly.severity)), new Set(['warning']));
  });

  test('the only merchant of a platform that is down wakes somebody, at once', () => {
    for (const size of [0.1, 10]) {
      const events = play((index) => shops([size], () => index >= CALM), 10);
      assert.deepEqual(toldBy(events.slice(0, 1))[0]?.[0], 'critical', JSON.stringify(events[0]?.anomaly));
    }
  });

  test('no data at all is critical, and what is lost is counted from its first silent minute', () => {
    const events = play((index) => (index < CALM ? usualRates() : null), 5);
    const [first] = events;
    assert.deepEqual([first?.anomaly.type, first?.anomaly.severity], ['no_data', 'critical']);
    assert.equal(first?.anomaly.severity_reason?.params['share'], 1);
    const last = events.at(-1)?.anomaly;
    assert.ok(Math.abs((last?.lost_transactions ?? 0) - 92 * (last?.duration_minutes ?? 0)) < 40, JSON.stringify(last));
  });

  test('beside the anomaly of a part, one of the fleet is as severe as what is left', () => {
    // A shop of 40 % is down; later a few more denials everywhere else.
    const events = play(
      (index) => [
        ...shops([4, 3, 3], (shop) => index >= CALM && shop === 0),
        ...(index >= CALM + 20
          ? [
              { status: 'denied', mean: 18, merchant_id: 'm-1', acquirer: 'acq-1' } as const,
              { status: 'denied', mean: 18, merchant_id: 'm-2', acquirer: 'acq-0' } as const,
            ]
          : []),
      ],
      60,
    );
    // What is left of it: denials of 4 % of all traffic.
    const denials = events.filter(({ anomaly }) => anomaly.type === 'denials_above_normal' && anomaly.node.merchant_id !== 'm-0');
    assert.ok(denials.length > 0, JSON.stringify(openings(events).map(({ anomaly }) => [anomaly.type, anomaly.node])));
    assert.ok(
      denials.every(({ anomaly }) => anomaly.severity !== 'critical'),
      JSON.stringify(denials[0]?.anomaly.severity_reason),
    );
  });
});

suite('money', () => {
  /** A shop of 4 % of the traffic, with amounts or without. */
  function shopDown(ticket: number | null, limits?: SeverityLimits): AnomalyEvent | undefined {
    const rates = (index: number) => shops([24, 1], (shop) => index >= CALM && shop === 1);
    const random = seeded(4);
    const detector = createDetector({ timeZone: ZONE, ...(limits === undefined ? {} : { severity: limits }) });
    const events: AnomalyEvent[] = [];
    for (let index = 0; index < CALM + 4; index++) {
      const window = drawWindow(random, index, rates(index));
      const amountOf = ({ status, merchant_id, count }: Cell): number =>
        status === 'approved' && ticket !== null ? count * (merchant_id === 'm-1' ? ticket : 50) : 0;
      const parts = window.cells.flatMap((cell) =>
        cell.status === ''
          ? []
          : [{ ...cell, status: cell.status, payment_method: '', card_bin: '', currency: 'BRL', amount: amountOf(cell) }],
      );
      events.push(...detector.step({ ...window, slices: sliceCounts(parts) }).events);
    }
    return events.findLast(({ anomaly }) => anomaly.type !== 'drift_warning');
  }

  // Its own share alone must not decide.
  const patient: SeverityLimits = {
    ...DEFAULT_LIMITS,
    merchant: { ...DEFAULT_LIMITS.merchant, critical: { ...DEFAULT_LIMITS.merchant.critical, share: 1, share_from: 1 } },
  };

  test('a few expensive transactions are as severe as many cheap ones', () => {
    const dear = shopDown(400, patient)?.anomaly;
    assert.deepEqual([dear?.node.merchant_id, dear?.severity, dear?.severity_reason?.code], ['m-1', 'critical', 'severity_fleet_money']);
    assert.equal(dear?.severity_reason?.params['currency'], 'BRL');
    assert.deepEqual([shopDown(50, patient)?.anomaly.severity, shopDown(null, patient)?.anomaly.severity], ['warning', 'warning']);
  });

  test('an amount in the configured currency is a limit; in another one, and without amounts, it is none', () => {
    const limits = { ...patient, merchant: { ...patient.merchant, critical: { ...patient.merchant.critical, lost_amount: 10_000 } } };
    const lost = shopDown(50, limits)?.anomaly;
    assert.deepEqual([lost?.severity, lost?.severity_reason?.code], ['critical', 'severity_lost_amount']);
    assert.ok(Number(lost?.severity_reason?.params['amount']) >= 10_000 && (lost?.lost_amount?.amount ?? 0) >= 10_000);
    assert.equal(shopDown(50, { ...limits, currency: 'USD' })?.anomaly.severity, 'warning');
    assert.equal(shopDown(null, limits)?.anomaly.severity, 'warning');
  });
});
