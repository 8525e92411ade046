import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '../src/clock.ts';
import { startProduct, waitFor, type Product } from '../test/e2e/product.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';
import { createManySeries, type ManySeries } from './live-series/many-series.ts';
import { asked, look, watchProduct, type Look, type Watch } from './live-series/watch.ts';

const PARTS = 60;
const MB = 1_048_576;
/** Its total and six statuses. */
const SERIES_A_MERCHANT = 7;

/** `history`: minutes before now that are sent as fast as they are taken, so that the detector judges; `live`: minutes at
 *  the pace of the clock, which are measured. */
interface Plan {
  readonly merchants: number;
  readonly history: number;
  readonly live: number;
}

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

interface Run {
  readonly plan: Plan;
  readonly watch: Watch;
  readonly before: Look;
  readonly rows: number;
  readonly caughtUpMs: number;
  readonly sent: number;
}

function report({ plan, watch, before, rows, caughtUpMs, sent }: Run): readonly BenchResult[] {
  const { looks } = watch;
  const last = looks.at(-1) ?? before;
  const seconds = (last.at - before.at) / 1000;
  const each = perMinute(looks);
  const most = (value: (look: Look) => number): number => Math.max(...looks.map(value)) / MB;
  const points = each.map(({ judge }) => (judge * 1e6) / last.series);
  const expected = plan.merchants * SERIES_A_MERCHANT;
  if (last.series < expected) throw new Error(`the detector follows ${last.series} series, expected ${expected}`);
  const ms = (values: readonly number[], share: number): number => quantile(values, share) * 1000;
  return [
    {
      name: 'series live',
      value: last.series,
      unit: 'series',
      better: 'higher',
      goal: expected,
      details: { merchants: plan.merchants, minutes: each.length, 'records/s': sent / (plan.live * 60) },
    },
    {
      name: 'history before it',
      value: rows / (caughtUpMs / 1000),
      unit: 'records/s',
      better: 'higher',
      details: { records: rows, seconds: caughtUpMs / 1000 },
    },
    {
      name: 'memory of the process, most',
      value: most(({ residentBytes }) => residentBytes),
      unit: 'MB',
      better: 'lower',
      details: {
        'main heap': most(({ mainHeapBytes }) => mainHeapBytes),
        'pipeline heap': most(({ pipelineHeapBytes }) => pipelineHeapBytes),
        'pipeline outside heap': most(({ pipelineExternalBytes }) => pipelineExternalBytes),
        'state of the detector': last.stateBytes / MB,
      },
    },
    {
      name: 'processor',
      value: (100 * (last.cpuSeconds - before.cpuSeconds)) / seconds,
      unit: '% of a core',
      better: 'lower',
      details: { seconds },
    },
    {
      name: 'detector a point, p99',
      value: quantile(points, 0.99),
      unit: 'us',
      better: 'lower',
      goal: 5,
      details: { p50: quantile(points, 0.5) },
    },
    {
      name: 'detector a minute, p99',
      value: ms(
        each.map(({ judge, read }) => judge + read),
        0.99,
      ),
      unit: 'ms',
      better: 'lower',
      details: {
        p50: ms(
          each.map(({ judge, read }) => judge + read),
          0.5,
        ),
        'read p50': ms(
          each.map(({ read }) => read),
          0.5,
        ),
        corrections: last.corrections.count - before.corrections.count,
      },
    },
    {
      name: 'minute closed -> scored, p99',
      value: ms(
        each.map(({ delay }) => delay),
        0.99,
      ),
      unit: 'ms',
      better: 'lower',
      details: {
        p50: ms(
          each.map(({ delay }) => delay),
          0.5,
        ),
      },
    },
    ...[...watch.answers].map(([name, times]): BenchResult => ({
      name: `${name}, p99`,
      value: quantile(times, 0.99),
      unit: 'ms',
      better: 'lower',
      details: { asked: times.length, p50: quantile(times, 0.5), max: Math.max(...times) },
    })),
  ];
}

/** What each minute took, in seconds: the differences between looks that saw one more. */
function perMinute(looks: readonly Look[]): Look['minutes'][] {
  const found: Look['minutes'][] = [];
  let known = looks[0]?.minutes;
  for (const { minutes } of looks) {
    if (known !== undefined && minutes.count > known.count) {
      const count = minutes.count - known.count;
      const share = (part: 'read' | 'judge' | 'delay') => (minutes[part] - (known?.[part] ?? 0)) / count;
      found.push({ count, read: share('read'), judge: share('judge'), delay: share('delay') });
    }
    known = minutes;
  }
  return found;
}
