import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { seededNumbers } from '../forest/random.ts';
import { backtest } from '../../backtest/backtest.ts';
import { readBacktestRows } from '../../cli/backtest-rows.ts';
import { createDetector } from '../engine/create-detector.ts';

const START = Date.UTC(2026, 9, 13, 11);
const CALM = 240;
const LEVEL = 380;

type Counts = Readonly<Record<string, number>>;

/** Counts of each status by time, from the rates of each minute; null for a minute without a row. */
function minutes(seed: number, ratesOf: (minute: number) => Counts | null): ReadonlyMap<number, Counts> {
  const random = seededNumbers(seed);
  const counts = new Map<number, Counts>();
  for (let minute = 0; minute < CALM + 60; minute++) {
    const rates = ratesOf(minute - CALM);
    if (rates === null) continue;
    const drawn = Object.entries(rates).map(([status, rate]) => [status, random.poisson(rate)] as const);
    counts.set(START + minute * 60_000, Object.fromEntries(drawn));
  }
  return counts;
}

async function* lines(counts: ReadonlyMap<number, Counts>): AsyncGenerator<string> {
  yield 'timestamp,status,count\n';
  for (const [time, row] of counts)
    for (const [status, count] of Object.entries(row)) yield `${new Date(time).toISOString()},${status},${count}\n`;
}

interface Sentence {
  readonly reason: string;
  /** Mean a minute of a status, or of all, in the period that the sentence names. */
  readonly meanOf: (status?: string) => number;
}

/** Each sentence of a backtest, when it is first said. */
async function* sentencesOf(counts: ReadonlyMap<number, Counts>): AsyncGenerator<Sentence> {
  let last = '';
  const options = { format: 'counts', timeZone: 'UTC', createDetector: () => createDetector({ timeZone: 'UTC' }) } as const;
  for await (const { timestamp, reason } of backtest(readBacktestRows(lines(counts)), options)) {
    const [, hours, clock] = /since (\d\d):(\d\d)/.exec(reason) ?? [];
    if (hours === undefined || reason === last) continue;
    last = reason;
    const now = Date.parse(`${timestamp.replace(' ', 'T')}Z`);
    const from = Date.UTC(2026, 9, 13, Number(hours), Number(clock));
    yield {
      reason: `${timestamp}: ${reason}`,
      meanOf: (status) => {
        let sum = 0;
        for (let time = from; time <= now; time += 60_000) {
          const row = counts.get(time) ?? {};
          sum += status === undefined ? Object.values(row).reduce((total, count) => total + count, 0) : (row[status] ?? 0);
        }
        return sum / ((now - from) / 60_000 + 1);
      },
    };
  }
}

suite('the figures of a sentence are means of the period that the sentence names', () => {
  test('of a volume that jumps between holes, nothing and three times as much', async () => {
    let said = 0;
    for (const seed of [1, 2, 3]) {
      const jumpy = (minute: number): Counts | null =>
        minute < 0 ? { approved: LEVEL } : minute % 4 === 3 ? null : { approved: [40, 0, 120, 60, 900][minute % 5] ?? 0 };
      for await (const { reason, meanOf } of sentencesOf(minutes(seed, jumpy))) {
        const [, figure] = /total ([\d.,]+)\/min against/.exec(reason) ?? [];
        if (figure === undefined) continue;
        assert.ok(Math.abs(Number(figure.replace(',', '')) - meanOf()) < 0.06, `${reason}; true mean ${meanOf()}`);
        said++;
      }
    }
    assert.ok(said > 10, String(said));
  });

  const falls: readonly (readonly [string, (minute: number) => Counts | null])[] = [
    ['a volume with holes', (minute) => (minute % 5 === 4 ? null : { approved: minute < 25 ? 60 : 200, denied: minute < 25 ? 3 : 10 })],
    ['denials', (minute) => ({ approved: minute < 20 ? 40 : 250, denied: minute < 20 ? 300 : 90 })],
    ['approvals', (minute) => ({ approved: minute < 20 ? 60 : 250, denied: 30, failed: 20, reversed: minute < 20 ? 300 : 110 })],
  ];
  for (const [name, fall] of falls)
    test(`of the approved ones in a fall of ${name}, longer than the minutes that are kept one by one`, async () => {
      let said = 0;
      for (const seed of [1, 2, 3]) {
        const counts = minutes(seed, (minute) => (minute < 0 ? { approved: LEVEL, denied: 20 } : fall(minute)));
        for await (const { reason, meanOf } of sentencesOf(counts)) {
          const [, change] = /approved -([\d.]+)%/.exec(reason) ?? [];
          // Of a later one the level is not known.
          if (change === undefined || !/since 15:0[01]/.test(reason)) continue;
          const truth = 100 * (1 - meanOf('approved') / LEVEL);
          assert.ok(Math.abs(Number(change) - truth) < 4, `${reason}; in truth -${truth}%`);
          said++;
        }
      }
      assert.ok(said > 10, String(said));
    });
});
