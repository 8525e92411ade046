import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '../src/clock.ts';
import { startProduct, waitFor, type Product } from '../test/e2e/product.ts';
import { inTemporaryDirectory, type BenchContext, type BenchResult } from './bench.ts';
import { createManySeries, type ManySeries } from './live-series/many-series.ts';
import { report, type Plan } from './live-series/report.ts';
import { asked, look, watchProduct } from './live-series/watch.ts';

const PARTS = 60;

/** The whole program with 100 000 series that all count in every minute, live, for ten minutes. */
export function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const plan: Plan = quick ? { merchants: 1500, history: 4, live: 2 } : { merchants: 15_000, history: 16, live: 10 };
  return inTemporaryDirectory(async (directory) => {
    // What comes a minute late is history here: the start of the run sends the past as fast as it is taken.
    const product = await startProduct(directory, ['--window.live_within_s', '60']);
    try {
      return await measure(product, plan);
    } finally {
      await product.stop();
    }
  });
}

async function measure(product: Product, plan: Plan): Promise<readonly BenchResult[]> {
  const traffic = createManySeries(plan.merchants);
  const first = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - plan.history * MINUTE_MS;
  const started = performance.now();
  let rows = 0;
  let minute = first;
  // As long as the clock is ahead this is history; the time that it takes becomes history too.
  for (; minute + MINUTE_MS <= Date.now() || (await lagOf(product)) > 0; minute += MINUTE_MS)
    rows += await sendMinute(product, traffic, minute);
  const caughtUpMs = performance.now() - started;
  const watch = watchProduct(product);
  const before = await look(product);
  let sent = 0;
  for (const end = minute + plan.live * MINUTE_MS; minute < end; minute += MINUTE_MS) sent += await sendMinute(product, traffic, minute);
  const minutes = before.minutes.count + plan.live;
  await waitFor(async () => ((await look(product)).minutes.count >= minutes ? true : undefined), 120_000);
  await watch.end();
  return report({ plan, watch, before, rows, caughtUpMs, sent });
}

const lagOf = async (product: Product): Promise<number> => (await look(product)).lagRecords;

/** Sends a minute in sixty parts, none before its time. */
async function sendMinute(product: Product, traffic: ManySeries, minute: number): Promise<number> {
  let sent = 0;
  for (let part = 0; part < PARTS; part += 1) {
    const { body, rows } = traffic.part(minute, part, PARTS);
    await sleep(Math.max(0, minute + ((part + 1) * MINUTE_MS) / PARTS - Date.now()));
    const answer = await asked(() => product.post('/transactions/batch', body, { 'content-type': 'application/x-ndjson' }));
    const { accepted } = (await answer.json()) as { accepted: number };
    if (accepted !== rows) throw new Error(`of ${rows} rows ${accepted} were accepted`);
    sent += rows;
  }
  return sent;
}
