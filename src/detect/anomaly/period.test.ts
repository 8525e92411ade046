import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../forest/random.ts';
import { backtest } from '../../backtest/backtest.ts';
import { readBacktestRows } from '../../cli/backtest-rows.ts';
import { createDetector } from '../engine/create-detector.ts';

/** Four hours of 380 a minute, then an hour that jumps between holes, nothing and three times as much. */
function jumpy(seed: number): ReadonlyMap<number, number> {
  const random = createRandom(seed);
  const start = Date.UTC(2026, 9, 13, 11);
  const counts = new Map<number, number>();
  for (let minute = 0; minute < 300; minute++) {
    const mean = minute < 240 ? 380 : ([40, 0, 120, 60, 900][minute % 5] ?? 0);
    if (minute < 240 || minute % 4 !== 3) counts.set(start + minute * 60_000, random.poisson(mean));
  }
  return counts;
}

async function* lines(counts: ReadonlyMap<number, number>): AsyncGenerator<string> {
  yield 'timestamp,status,count\n';
  for (const [time, count] of counts) yield `${new Date(time).toISOString()},approved,${count}\n`;
}

test('the figure of a sentence is the mean of the period that the sentence names', async () => {
  let said = 0;
  for (const seed of [1, 2, 3]) {
    const counts = jumpy(seed);
    let last = '';
    const options = { format: 'counts', timeZone: 'UTC', createDetector: () => createDetector({ timeZone: 'UTC' }) } as const;
    for await (const { timestamp, reason } of backtest(readBacktestRows(lines(counts)), options)) {
      const [, figure, hours, minutes] = /total ([\d.,]+)\/min against .* since (\d\d):(\d\d)/.exec(reason) ?? [];
      if (figure === undefined || reason === last) continue;
      last = reason;
      const now = Date.parse(`${timestamp.replace(' ', 'T')}Z`);
      const from = Date.UTC(2026, 9, 13, Number(hours), Number(minutes));
      let sum = 0;
      for (let time = from; time <= now; time += 60_000) sum += counts.get(time) ?? 0;
      const mean = sum / ((now - from) / 60_000 + 1);
      assert.ok(Math.abs(Number(figure.replace(',', '')) - mean) < 0.06, `${timestamp}: ${reason}; true mean ${mean}`);
      said++;
    }
  }
  assert.ok(said > 10, String(said));
});
