import { setTimeout as sleep } from 'node:timers/promises';
import type { Product } from '../../test/e2e/product.ts';

/** Value of a metric with exactly these labels; NaN when the page does not have it. */
export function metricOf(page: string, name: string, labels = ''): number {
  const line = page.split('\n').find((text) => text.startsWith(`${name}${labels} `));
  return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** What one look at `/metrics` saw. Seconds and counts grow for as long as the program runs. */
export interface Look {
  readonly at: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly mainHeapBytes: number;
  readonly pipelineHeapBytes: number;
  readonly pipelineExternalBytes: number;
  readonly series: number;
  readonly stateBytes: number;
  readonly lagRecords: number;
  readonly minutes: { readonly count: number; readonly read: number; readonly judge: number; readonly delay: number };
  readonly corrections: { readonly count: number; readonly seconds: number };
}

const TRIES = 5;
const AGAIN_MS = 200;

/** Asks again when the program closed an idle connection at the very moment in which it was used. */
export async function asked(ask: () => Promise<Response>): Promise<Response> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (left <= 1) throw new Error(`nothing was answered: ${String(cause ?? error)}`, { cause: error });
      await sleep(AGAIN_MS);
    }
  }
}

/** Looks at the metrics of the program. */
export async function look(product: Product): Promise<Look> {
  const page = await (await asked(() => fetch(`${product.address}/metrics`))).text();
  const step = (part: string, window: string, work: string): number =>
    metricOf(page, `guardian_detector_step_seconds_${part}`, `{window="${window}",work="${work}"}`) || 0;
  return {
    at: performance.now(),
    cpuSeconds: metricOf(page, 'guardian_process_cpu_seconds_total'),
    residentBytes: metricOf(page, 'guardian_process_resident_memory_bytes'),
    mainHeapBytes: metricOf(page, 'guardian_nodejs_heap_size_used_bytes'),
    pipelineHeapBytes: metricOf(page, 'guardian_pipeline_memory_bytes', '{kind="heap"}'),
    pipelineExternalBytes: metricOf(page, 'guardian_pipeline_memory_bytes', '{kind="external"}'),
    series: metricOf(page, 'guardian_detector_series'),
    stateBytes: metricOf(page, 'guardian_detector_state_bytes'),
    lagRecords: metricOf(page, 'guardian_consumer_lag_records', '{group="guardian-window"}'),
    minutes: {
      count: step('count', 'minute', 'judge'),
      read: step('sum', 'minute', 'read'),
      judge: step('sum', 'minute', 'judge'),
      delay: metricOf(page, 'guardian_score_delay_seconds_sum'),
    },
    corrections: {
      count: step('count', 'correction', 'judge'),
      seconds: step('sum', 'correction', 'read') + step('sum', 'correction', 'judge'),
    },
  };
}

/** Watches a program until it is stopped. */
export interface Watch {
  readonly looks: readonly Look[];
  /** Milliseconds of each answer, by what was asked. */
  readonly answers: ReadonlyMap<string, readonly number[]>;
  end(): Promise<void>;
}

const ASKED = ['/health', '/stats', '/series?minutes=60', '/merchants?limit=50', '/anomalies?limit=20'] as const;

/** Looks every second, and asks what a console and a client ask: each path and a single transaction four times a second
 *  together, with one listener on the event stream. */
export function watchProduct(product: Product): Watch {
  const ending = new AbortController();
  const looks: Look[] = [];
  const answers = new Map<string, number[]>();
  const timed = async (name: string, ask: () => Promise<Response>): Promise<void> => {
    const started = performance.now();
    const answer = await asked(ask);
    await answer.text();
    if (!answer.ok) throw new Error(`${name} was answered ${answer.status}`);
    const known = answers.get(name) ?? [];
    answers.set(name, known);
    known.push(performance.now() - started);
  };
  const repeat = async (everyMs: number, work: () => Promise<unknown>): Promise<void> => {
    while (!ending.signal.aborted) {
      const next = performance.now() + everyMs;
      await work();
      await sleep(Math.max(0, next - performance.now()), undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  let turn = 0;
  const ask = (): Promise<void> => {
    const path = ASKED[turn++ % (ASKED.length + 1)];
    if (path !== undefined) return timed(`GET ${path.replace(/\?.*/, '')}`, () => fetch(product.address + path));
    return timed('POST /transaction', () => product.post('/transaction', '{"status":"approved","count":0}'));
  };
  const listen = async (): Promise<void> => {
    const answer = await fetch(`${product.address}/stream`, { signal: ending.signal });
    for await (const _ of answer.body ?? []);
  };
  const running = Promise.all([repeat(1000, async () => void looks.push(await look(product))), repeat(250, ask)]);
  // What fails is reported at the end.
  running.catch(() => undefined);
  const listening = listen().catch(() => undefined);
  return {
    looks,
    answers,
    async end() {
      ending.abort();
      await Promise.all([running, listening]);
    },
  };
}
