import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '@transaction-guardian/contracts/progress.ts';
import { MINUTE_MS } from '../src/clock.ts';
import { freePort } from '../test/e2e/free-port.ts';
import { inTemporaryDirectory, type BenchContext, type BenchResult } from './bench.ts';
import { awaitAnswer, launchServer, residentBytes } from './process/server-process.ts';

const MERCHANTS = 200;
const PER_BODY = 10_000;
const MB = 1_000_000;

const isOk = ({ status }: Response): boolean => status === 200;

async function isCounted(answer: Response): Promise<boolean> {
  if (answer.status !== 200) return false;
  const { accepted, counted } = (await answer.json()) as Progress;
  return Object.entries(accepted).every(([partition, next]) => next === (counted[partition] ?? 0));
}

/** Transactions of almost an hour, each with an id and an amount of its own. */
function* bodies(total: number): Generator<string> {
  const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 120 * MINUTE_MS;
  for (let first = 0; first < total; first += PER_BODY) {
    let body = '';
    for (let number = first; number < Math.min(first + PER_BODY, total); number++) {
      const [status, auth_code] = number % 20 === 7 ? ['denied', '51'] : ['approved', '00'];
      const timestamp = new Date(start + Math.floor((number / total) * 55 * MINUTE_MS)).toISOString();
      const amount = Math.floor(Math.random() * 50_000) / 100;
      const names = { merchant_id: `m-${Math.floor(Math.random() * MERCHANTS)}`, acquirer: `acq-${number % 3}`, payment_method: 'credit' };
      body += `${JSON.stringify({ id: randomUUID(), timestamp, status, auth_code, amount, currency: 'BRL', ...names })}\n`;
    }
    yield body;
  }
}

/** Bytes that the disk has given to the files below `path`. */
function diskBytes(path: string): number {
  const { blocks } = statSync(path);
  const own = blocks * 512;
  if (!statSync(path).isDirectory()) return own;
  return readdirSync(path).reduce((sum, name) => sum + diskBytes(join(path, name)), own);
}

/** Bytes by what they are for: the log, the index of ids, the database. */
function diskParts(directory: string): Record<'log' | 'index' | 'database', number> {
  const parts = { log: 0, index: 0, database: 0 };
  for (const name of readdirSync(directory)) {
    const bytes = diskBytes(join(directory, name));
    if (name === 'bus') parts.log += bytes;
    else if (name.startsWith('raw-index')) parts.index += bytes;
    else if (name === 'database') parts.database += bytes;
  }
  return parts;
}

/** What the program takes: resident memory while nothing comes, in a new directory and after a restart with data, and the disk of a
 *  million transactions. */
export async function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const [total, settleMs] = quick ? [50_000, 5000] : [1_000_000, 60_000];
  return inTemporaryDirectory(async (directory) => {
    const results: BenchResult[] = [];
    const port = await freePort();
    let server = launchServer(directory, port);
    const noteMemory = async (name: string): Promise<void> => {
      await awaitAnswer(server.address, '/ready', isOk);
      await sleep(settleMs);
      const { now, peak } = residentBytes(server.pid());
      results.push({ name, value: now / MB, unit: 'MB', better: 'lower', goal: 350, details: { peak_mb: Math.round(peak / MB) } });
    };
    try {
      await noteMemory('memory while idle, new directory');
      const before = diskParts(directory);
      for (const body of bodies(total)) {
        const headers = { 'content-type': 'application/x-ndjson' };
        const answer = await fetch(`${server.address}/transactions/batch`, { method: 'POST', body, headers });
        if (answer.status !== 202) throw new Error(`a batch was answered ${answer.status}: ${await answer.text()}`);
        await answer.arrayBuffer();
      }
      await awaitAnswer(server.address, '/progress', isCounted);
      await server.stop();
      const after = diskParts(directory);
      // Bytes of one are megabytes of a million.
      const bytesOfOne = (part: keyof typeof after): number => Math.round(((after[part] - before[part]) / total) * 10) / 10;
      const details = { log_mb: bytesOfOne('log'), index_mb: bytesOfOne('index'), database_mb: bytesOfOne('database') };
      const value = details.log_mb + details.index_mb + details.database_mb;
      results.push({ name: 'disk of a million transactions', value, unit: 'MB', better: 'lower', goal: 300, details });
      server = launchServer(directory, port);
      await noteMemory('memory while idle, after a restart with data');
    } finally {
      await server.stop();
    }
    return results;
  });
}
