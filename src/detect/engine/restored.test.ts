import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import { VERDICTS } from '@transaction-guardian/contracts/verdict.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { sliceCounts } from '../../topic/slice-counts.ts';
import { createDetector } from './create-detector.ts';
import type { Detector } from './detector.ts';
import { endingOf, noticeOf } from '../feedback/test-notice.ts';
import { drawWindow, seeded, START, usualRates, windowOf, ZONE, type Rate } from './test-traffic.ts';

const OPTIONS = { timeZone: ZONE };
const MERCHANTS = 6;
type Random = ReturnType<typeof seeded>;
type Message = { readonly window: ClosedWindow } | { readonly notice: FeedbackNotice };

/** Six merchants of two acquirers, with what goes wrong in each of the stretches. */
function rates(index: number): Rate[] {
  const factors = (merchant: number): Record<string, number> => {
    if (index >= 420 && index < 450 && merchant === 1) return { denied: 8 };
    if (index >= 520 && index < 640) return { all: Math.max(0.35, 1 - (index - 520) / 90) };
    if (index >= 700 && index < 720) return { all: 0.1 };
    if (index >= 760 && index < 790 && merchant < 3) return { reversed: 20, failed: 30 };
    return {};
  };
  return Array.from({ length: MERCHANTS }, (_, merchant) =>
    usualRates(factors(merchant), 0.3).map((rate) => ({
      ...rate,
      merchant_id: `m-${merchant}`,
      acquirer: `a-${merchant % 2}`,
      auth_code: rate.status === 'denied' ? '51' : '00',
    })),
  ).flat();
}

function withSlices(window: ClosedWindow): ClosedWindow {
  const parts = window.cells.map((cell) => ({ ...cell, payment_method: 'pix', card_bin: '', currency: 'BRL', amount: cell.count * 10 }));
  return parts.length === 0 ? window : { ...window, slices: sliceCounts(parts) };
}

/** A stream by the minute: minutes that are missing or silent, late rows of this minute and of earlier ones. */
function messagesOf(random: Random, index: number, cut: Map<number, ClosedWindow>): Message[] {
  if ((index >= 300 && index < 303) || (index >= 480 && index < 490)) return [];
  const whole = index >= 840 && index < 850 ? windowOf(index, [], 'silent') : withSlices(drawWindow(random, index, rates(index)));
  const isLate = random.next() < 0.1 && whole.state === 'observed';
  const [first] = whole.cells;
  if (!isLate || first === undefined) return [{ window: whole }];
  cut.set(index, whole);
  return [
    {
      window: {
        ...whole,
        cells: whole.cells.map((cell) => (cell.merchant_id === 'm-0' ? { ...cell, count: Math.floor(cell.count / 2) } : cell)),
      },
    },
  ];
}

function lateMessages(random: Random, index: number, cut: Map<number, ClosedWindow>): Message[] {
  const messages: Message[] = [];
  for (const [minute, whole] of cut) {
    if (minute !== index && random.next() < 0.6) continue;
    if (minute === index && random.next() < 0.5) continue;
    cut.delete(minute);
    const cells = whole.cells.map((cell) => (cell.merchant_id === 'm-0' ? cell : { ...cell, merchant_id: '' }));
    messages.push({ window: { ...whole, cells, revision: 1, partial: true, late: 5 } });
  }
  return messages;
}

/** Sometimes a person says something about an anomaly, or takes back what was said. */
function saidMessages(random: Random, index: number, told: readonly Anomaly[], given: number[]): Message[] {
  const anomaly = told[Math.floor(random.next() * told.length)];
  if (anomaly === undefined || random.next() > 0.05) return [];
  const number = index + 1;
  // Not all are of a minute that has come.
  const minute = START + (index + (random.next() < 0.3 ? 2 : 0)) * 60_000;
  const end = given.shift();
  if (end !== undefined && random.next() < 0.3) return [{ notice: endingOf(number, minute, [end]) }];
  given.push(number);
  const verdict = VERDICTS[Math.floor(random.next() * VERDICTS.length)] ?? 'noise';
  return [{ notice: noticeOf(number, minute, verdict, anomaly) }];
}

const take = (detector: Detector, message: Message, sequence: number) =>
  'notice' in message ? detector.mark(message.notice) : detector.step({ ...message.window, sequence });

suite('a detector that is stored and restored again and again', () => {
  for (const seed of [1, 2, 3])
    test(`tells the same as one that was not, seed ${seed}`, () => {
      const random = seeded(seed);
      const restarts = seeded(seed + 100);
      const whole = createDetector(OPTIONS);
      let parted = createDetector(OPTIONS);
      const [cut, told, given]: [Map<number, ClosedWindow>, Map<string, Anomaly>, number[]] = [new Map(), new Map(), []];
      let sequence = 0;
      const follow = (message: Message): void => {
        sequence += 1;
        if (restarts.next() < 0.1) {
          assert.ok(Buffer.from(whole.snapshot()).equals(parted.snapshot()), `state before message ${sequence}`);
          parted = createDetector(OPTIONS, parted.snapshot());
        }
        const result = take(whole, message, sequence);
        assert.deepEqual(take(parted, message, sequence), result, `message ${sequence}`);
        for (const { anomaly } of result.events) told.set(anomaly.id, anomaly);
      };
      for (let index = 0; index < 900; index++) {
        for (const message of messagesOf(random, index, cut)) follow(message);
        for (const message of lateMessages(random, index, cut)) follow(message);
        for (const message of saidMessages(random, index, [...told.values()].slice(-4), given)) follow(message);
      }
      const types = new Set([...told.values()].map(({ type }) => type));
      assert.ok(types.size >= 4, [...types].join());
      assert.ok(Buffer.from(whole.snapshot()).equals(parted.snapshot()));
    });
});
