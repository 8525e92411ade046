import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { sliceCounts, type SlicePart } from '../../topic/slice-counts.ts';
import { createDetector } from '../engine/create-detector.ts';
import type { Detector } from '../engine/detector.ts';
import { seeded, windowOf, ZONE } from '../engine/test-traffic.ts';
import { correctSlices, createSliceTable, sliceIndexOf, learnSlices, noteSlices } from './slice-table.ts';

const CALM = 240;
const METHODS = ['credit', 'debit', 'pix'] as const;
const BINS = ['411111', '411122', '550000'] as const;

type Broken = (part: { readonly payment_method: string; readonly card_bin: string; readonly acquirer: string }) => boolean;

/** A minute of 60 a minute, of which a broken part fails. */
const minuteOf = (random: ReturnType<typeof seeded>, index: number, broken: Broken): ClosedWindow =>
  windowOfParts(index, partsOfMinute(random, broken, 'm-1'));

function partsOfMinute(random: ReturnType<typeof seeded>, broken: Broken, merchant_id: string): SlicePart[] {
  const parts: SlicePart[] = [];
  for (const payment_method of METHODS) {
    for (const bin of BINS) {
      for (const acquirer of ['acq-1', 'acq-2']) {
        const card_bin = payment_method === 'pix' ? '' : bin;
        const isBroken = broken({ payment_method, card_bin, acquirer });
        const part = { auth_code: '', merchant_id, acquirer, payment_method, card_bin, currency: 'BRL' };
        const push = (status: Status, mean: number) => {
          const count = random.poisson(mean);
          if (count > 0) parts.push({ ...part, status, count, amount: count * (payment_method === 'credit' ? 100 : 20) });
        };
        push('approved', isBroken ? 0.3 : 3.3);
        push('failed', isBroken ? 3 : 0.02);
      }
    }
  }
  return parts;
}

function windowOfParts(index: number, parts: readonly SlicePart[]): ClosedWindow {
  const cells = parts.map(({ status, auth_code, merchant_id, acquirer, count, amount }) => ({
    status,
    auth_code,
    merchant_id,
    acquirer,
    count,
    amount,
  }));
  return { ...windowOf(index, cells, 'observed'), slices: sliceCounts(parts) };
}

function play(broken: Broken, detector: Detector = createDetector({ timeZone: ZONE })): Anomaly {
  const random = seeded(3);
  const opened: Anomaly[] = [];
  for (let index = 0; index < CALM + 10; index++) {
    const { events } = detector.step(minuteOf(random, index, index < CALM ? () => false : broken));
    opened.push(...events.map(({ anomaly }) => anomaly));
  }
  const last = opened.at(-1);
  assert.ok(last !== undefined, 'an anomaly opened');
  return last;
}

suite('slices', () => {
  test('a payment method that fails is named', () => {
    const { slice, reasons } = play(({ payment_method }) => payment_method === 'debit');
    assert.equal(slice.payment_method, 'debit');
    assert.equal(slice.card_bin, undefined);
    assert.ok(slice.share > 0.9);
    assert.equal(reasons.find(({ code }) => code === 'method')?.params['method'], 'debit');
  });

  test('one method of one acquirer is named as the pair', () => {
    const { slice } = play(({ payment_method, acquirer }) => payment_method === 'credit' && acquirer === 'acq-2');
    assert.deepEqual([slice.acquirer, slice.payment_method, slice.card_bin], ['acq-2', 'credit', undefined]);
  });

  test('a card range is named by the digits that its BINs have in common', () => {
    const { slice, reasons } = play(({ card_bin }) => card_bin.startsWith('4111'));
    assert.match(slice.card_bin ?? '', /^4111/);
    assert.ok('411111'.startsWith(slice.card_bin ?? '-') && '411122'.startsWith(slice.card_bin ?? '-'), slice.card_bin);
    assert.equal(reasons.find(({ code }) => code === 'bin')?.params['bin'], `${slice.card_bin}*`);
  });

  test('merchants that suffer from one acquirer make one anomaly, of the acquirer', () => {
    const detector = createDetector({ timeZone: ZONE });
    const random = seeded(4);
    const events: AnomalyEvent[] = [];
    for (let index = 0; index < CALM + 15; index++) {
      const minute = [0, 1, 2, 3].map((shop) => {
        // Three shops feel it at once, one some minutes later.
        const isOn = index >= CALM + (shop === 3 ? 4 : 0);
        return partsOfMinute(random, ({ acquirer }) => isOn && acquirer === 'acq-2', `m-${shop}`);
      });
      events.push(...detector.step(windowOfParts(index, minute.flat())).events);
    }
    const opened = events.filter(({ event }) => event === 'opened');
    const last = events.findLast(({ anomaly }) => anomaly.id === opened[0]?.anomaly.id)?.anomaly;
    assert.equal(opened.length, 1, JSON.stringify(opened.map(({ anomaly }) => [anomaly.node, anomaly.slice])));
    assert.equal({ ...last?.slice, ...last?.node }.acquirer, 'acq-2');
  });

  test('what is lost is reported in money, at the average transaction value of the slice', () => {
    const credit = play(({ payment_method }) => payment_method === 'credit');
    assert.equal(credit.lost_amount?.currency, 'BRL');
    assert.ok(Math.abs((credit.lost_amount?.amount ?? 0) / credit.lost_transactions - 100) < 5, JSON.stringify(credit.lost_amount));
    const pix = play(({ payment_method }) => payment_method === 'pix');
    assert.ok(Math.abs((pix.lost_amount?.amount ?? 0) / pix.lost_transactions - 20) < 2, JSON.stringify(pix.lost_amount));
  });

  test('what the detector knows of slices survives a snapshot to the bit', () => {
    const detector = createDetector({ timeZone: ZONE });
    play(() => true, detector);
    const again = createDetector({ timeZone: ZONE }, detector.snapshot());
    assert.deepEqual(again.snapshot(), detector.snapshot());
    const random = seeded(8);
    const other = seeded(8);
    for (let index = CALM + 10; index < CALM + 30; index++) {
      assert.deepEqual(again.step(minuteOf(other, index, () => false)), detector.step(minuteOf(random, index, () => false)));
    }
    assert.deepEqual(again.snapshot(), detector.snapshot());
  });

  test('the table is bounded: the smallest slices are forgotten, everything never is', () => {
    const table = createSliceTable();
    for (let minute = 0; minute < 40; minute++) {
      const rows = Array.from({ length: 300 }, (_, n) => [`m=m-${minute * 200 + n}`, [1 + (n % 7)]] as const);
      const all = [['', [1200]], ...rows] as const;
      noteSlices(table, minute, 0, all);
      learnSlices(table, minute, all, () => false);
    }
    assert.ok(table.keys.length <= 4096, String(table.keys.length));
    assert.equal(table.keys[0], '');
    assert.equal(sliceIndexOf(table, ''), 0);
  });

  test('the table is bounded also while nothing is learnt', () => {
    const table = createSliceTable();
    for (let minute = 0; minute < 40; minute++) {
      noteSlices(table, minute, 0, [['', [1200]], ...Array.from({ length: 300 }, (_, n) => [`m=m-${minute * 300 + n}`, [4]] as const)]);
    }
    assert.ok(table.keys.length <= 4096 + 300, String(table.keys.length));
    assert.equal(table.keys[0], '');
  });

  test('a minute that is read again, as after a power cut, counts once', () => {
    const states = [false, true].map((isRepeated) => {
      const detector = createDetector({ timeZone: ZONE });
      const random = seeded(5);
      for (let index = 0; index < 20; index++) detector.step(minuteOf(random, index, () => false));
      const last = minuteOf(random, 20, () => false);
      detector.step({ ...last, sequence: 1000 });
      if (isRepeated) detector.step({ ...last, sequence: 1001 });
      // The same number for both: only what was counted may differ.
      detector.step({ ...minuteOf(random, 21, () => false), sequence: 1002 });
      return Buffer.from(detector.snapshot());
    });
    assert.ok(states[0]?.equals(states[1] ?? Buffer.alloc(0)));
  });

  test('late rows are added to the minute that they belong to', () => {
    const table = createSliceTable();
    noteSlices(table, 5, 0, [
      ['', [10]],
      ['p=pix', [4]],
    ]);
    const late = [
      ['', [2]],
      ['p=pix', [2]],
    ] as const;
    // The second time it is the same correction again, as after a power cut.
    for (let times = 0; times < 2; times++) correctSlices(table, 5, late, 12);
    correctSlices(table, 4, [['p=pix', [9]]], 20);
    const entry = sliceIndexOf(table, 'p=pix');
    assert.equal(
      table.ring.subarray(entry * 64, (entry + 1) * 64).reduce((sum, count) => sum + count, 0),
      6,
    );
  });
});
