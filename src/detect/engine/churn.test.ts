import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import { VERDICTS } from '@transaction-guardian/contracts/verdict.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { createDetector } from './create-detector.ts';
import type { Detector } from './detector.ts';
import { noticeOf } from '../feedback/test-notice.ts';
import { drawWindow, MINUTE, seeded, START, usualRates, ZONE, type Rate } from './test-traffic.ts';

const OPTIONS = { timeZone: ZONE };
const DAY = 1440;
const DAYS = 46;
/** Minutes of a day that there are windows of. */
const MINUTES = 22;
const SLOTS = 5;

type Random = ReturnType<typeof seeded>;
type Message = { readonly window: ClosedWindow } | { readonly notice: FeedbackNotice };

/** A company whose merchants come and go: one of five is another one every second day, one name in every minute never comes
 *  again, and one merchant has an adverse status now and then. */
function rates(day: number, minute: number): Rate[] {
  const merchants = Array.from({ length: SLOTS }, (_, slot) => {
    const isTroubled = day % 3 === 2 && slot === day % SLOTS && minute >= 14;
    const id = `m-${slot}-${Math.floor((day + 2 * slot) / (2 * SLOTS))}`;
    const factors = isTroubled ? { denied: 15, approved: 0.4 } : {};
    return usualRates(factors, 0.3).map((rate) => ({ ...rate, merchant_id: id, acquirer: `a-${Math.floor(day / 8)}`, auth_code: '00' }));
  });
  const once: Rate = { status: 'denied', mean: 2, merchant_id: `once-${day}-${minute}`, auth_code: `c${day % 40}-${minute % 5}` };
  return [...merchants.flat(), once];
}

/** A minute, sometimes with late rows of the one before, also of merchants of long ago. */
function messagesOf(random: Random, day: number, minute: number, before: ClosedWindow | null): Message[] {
  const window = drawWindow(random, day * DAY + minute, rates(day, minute));
  if (before === null || random.next() > 0.1) return [{ window }];
  const late = { status: 'approved', auth_code: '00', merchant_id: `m-0-${Math.floor(random.next() * 3)}`, acquirer: 'a-0' } as const;
  const cells = [...before.cells.map((cell) => ({ ...cell, merchant_id: '' })), { ...late, count: 3, amount: 0 }];
  return [{ window: { ...before, cells, revision: 1, partial: true } }, { window }];
}

function saidMessage(random: Random, index: number, told: readonly Anomaly[]): Message[] {
  const anomaly = told[Math.floor(random.next() * told.length)];
  if (anomaly === undefined || random.next() > 0.02) return [];
  const verdict = VERDICTS[Math.floor(random.next() * VERDICTS.length)] ?? 'noise';
  return [{ notice: noticeOf(index, START + index * MINUTE, verdict, anomaly) }];
}

const take = (detector: Detector, message: Message, sequence: number) =>
  'notice' in message ? detector.mark(message.notice) : detector.step({ ...message.window, sequence });

suite('a stream whose merchants come and go, stored and restored at any minute', () => {
  for (const seed of [1, 2])
    test(`tells the same as one that was not, seed ${seed}`, () => {
      const random = seeded(seed);
      const restarts = seeded(seed + 100);
      const whole = createDetector(OPTIONS);
      let parted = createDetector(OPTIONS);
      const told = new Map<string, Anomaly>();
      let sequence = 0;
      let most = 0;
      const follow = (message: Message): void => {
        sequence += 1;
        if (restarts.next() < 0.05) {
          assert.ok(Buffer.from(whole.snapshot()).equals(parted.snapshot()), `state before message ${sequence}`);
          parted = createDetector(OPTIONS, parted.snapshot());
        }
        const result = take(whole, message, sequence);
        assert.deepEqual(take(parted, message, sequence), result, `message ${sequence}`);
        for (const { anomaly } of result.events) told.set(anomaly.id, anomaly);
      };
      let before: ClosedWindow | null = null;
      for (let day = 0; day < DAYS; day++) {
        for (let minute = 0; minute < MINUTES; minute++) {
          const messages = messagesOf(random, day, minute, before);
          for (const message of messages) follow(message);
          const last = messages.at(-1);
          before = last !== undefined && 'window' in last && minute < MINUTES - 1 ? last.window : null;
          for (const message of saidMessage(random, day * DAY + minute, [...told.values()].slice(-4))) follow(message);
        }
        most = Math.max(most, whole.seriesCount);
      }
      assert.equal(whole.forecast({ node: '', slice: { merchant_id: 'm-0-0' }, minutes: 1, step: 1 }), null, 'it was forgotten');
      assert.ok(told.size >= 5, String(told.size));
      assert.ok(most < 600, `${most} series of ${DAYS * MINUTES} names that came once`);
      assert.ok(Buffer.from(whole.snapshot()).equals(parted.snapshot()));
    });
});
