import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '@transaction-guardian/contracts/progress.ts';
import { inTemporaryDirectory, type BenchContext, type BenchResult } from './bench.ts';
import { freePort } from '../test/e2e/free-port.ts';
import { awaitAnswer, launchServer, residentBytes, type ServerProcess } from './process/server-process.ts';
import { startSteadyLoad } from './process/steady-load.ts';

const MERCHANTS = 200;
const PER_SECOND = 3000;
const PER_BODY = 5000;
const SETTLE_MS = 60_000;
const MB = 1_000_000;
/** Of the memory at the steady load. */
const BACK_WITHIN = 1.2;

const isOk = (answer: Response): boolean => answer.status === 200;

async function isCounted(answer: Response): Promise<boolean> {
  if (answer.status !== 200) return false;
  const { accepted, counted } = (await answer.json()) as Progress;
  return Object.entries(accepted).every(([partition, next]) => next === (counted[partition] ?? 0));
}

/** Memory by part, as the program itself reports it. */
async function parts(server: ServerProcess): Promise<Record<string, number>> {
  const page = await (await fetch(`${server.address}/metrics`)).text();
  const mb = (name: string): number => {
    const line = page.split('\n').find((text) => text.startsWith(`${name} `));
    return Math.round(Number(line?.slice(name.length + 1)) / MB);
  };
  return {
    main_heap_mb: mb('guardian_nodejs_heap_size_used_bytes'),
    pipeline_heap_mb: mb('guardian_pipeline_memory_bytes{kind="heap"}'),
    database_mb: mb('guardian_pipeline_memory_bytes{kind="database"}'),
    detector_mb: mb('guardian_detector_state_bytes'),
  };
}

/** Sends counts of `total` merchants that nobody has seen before or will see again. */
async function inventMerchants(server: ServerProcess, total: number): Promise<void> {
  for (let first = 0; first < total; first += PER_BODY) {
    const timestamp = new Date().toISOString();
    let body = '';
    for (let number = first; number < Math.min(first + PER_BODY, total); number += 1)
      body += `${JSON.stringify({ timestamp, status: 'approved', count: 1, merchant_id: `invented-${number}` })}\n`;
    for (;;) {
      const headers = { 'content-type': 'application/x-ndjson' };
      const answer = await fetch(`${server.address}/transactions/batch`, { method: 'POST', body, headers });
      await answer.arrayBuffer();
      if (answer.status === 202) break;
      if (answer.status !== 503) throw new Error(`a batch of invented merchants was answered ${answer.status}`);
      await sleep(1000);
    }
  }
}

/** Resident memory of the server: idle after a restart, at 3,000 records a second, and after a million invented merchants. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const minutes = quick ? 1 : 15;
  const invented = quick ? 100_000 : 1_000_000;
  const results: BenchResult[] = [];
  await inTemporaryDirectory(async (directory) => {
    const port = await freePort();
    let server = launchServer(directory, port);
    const note = async (name: string, goal?: number): Promise<number> => {
      const { now, peak } = residentBytes(server.pid());
      const details = { peak_mb: Math.round(peak / MB), ...(await parts(server)) };
      results.push({ name, value: now / MB, unit: 'MB', better: 'lower', ...(goal === undefined ? {} : { goal }), details });
      return now / MB;
    };
    try {
      await awaitAnswer(server.address, '/ready', isOk);
      const before = startSteadyLoad({ address: server.address, perSecond: 1000, merchants: MERCHANTS });
      await sleep(SETTLE_MS / 2);
      await before.end();
      await server.kill();
      server = launchServer(directory, port);
      await awaitAnswer(server.address, '/ready', isOk);
      await sleep(SETTLE_MS);
      await note('idle, a minute after a restart', 350);

      const load = startSteadyLoad({ address: server.address, perSecond: PER_SECOND, merchants: MERCHANTS });
      await sleep(minutes * 60_000);
      const loaded = await note(`${PER_SECOND} records/s, after ${minutes} min`, 700);
      await load.end();

      await inventMerchants(server, invented);
      await note(`${invented} invented merchants accepted`);
      await awaitAnswer(server.address, '/progress', isCounted, 30 * 60_000);
      const counted = performance.now();
      // The detector lets go of who is gone by the time of the stream, which stands still without traffic.
      const traffic = startSteadyLoad({ address: server.address, perSecond: 300, merchants: MERCHANTS });
      const patience = quick ? SETTLE_MS : 40 * SETTLE_MS;
      let back = false;
      while (!back && performance.now() - counted < patience) {
        await sleep(SETTLE_MS);
        back = residentBytes(server.pid()).now / MB <= loaded * BACK_WITHIN;
      }
      await traffic.end();
      const after = Math.round((performance.now() - counted) / 60_000);
      await note(`${after} min after ${invented} invented merchants were counted`, loaded * BACK_WITHIN);
    } finally {
      await server.stop();
    }
  });
  return results;
}
