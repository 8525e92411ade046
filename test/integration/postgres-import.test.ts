import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from 'pg';
import { environment, MAIN, waitFor } from '../e2e/product.ts';
import { startPostgres } from './postgres-server.ts';

const START = Date.parse('2025-07-12T00:00:00Z');
const MINUTES = 240;
const MERCHANTS = 120;
const STATUSES = ['approved', 'denied', 'reversed'];

/** Minutes of merchants, without ids, and what they add up to. */
function makeFile(): { readonly csv: string; readonly rows: number; readonly totals: Record<string, number> } {
  const totals: Record<string, number> = {};
  const lines: string[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const at = new Date(START + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');
    for (let merchant = 0; merchant < MERCHANTS; merchant += 1) {
      const [status = '', count] = [STATUSES[(minute + merchant) % 3], 1 + ((minute * 7 + merchant * 3) % 11)];
      totals[status] = (totals[status] ?? 0) + count;
      lines.push(`${at},${status},m-${merchant},${count}`);
    }
  }
  return { csv: `timestamp,status,merchant_id,count\n${lines.join('\n')}\n`, rows: lines.length, totals };
}

test(
  'an import into PostgreSQL that was killed goes on when it is run again, and counts each row once',
  { timeout: 900_000 },
  async (t) => {
    const server = await startPostgres();
    t.after(() => server.stop());
    const folder = await mkdtemp(join(tmpdir(), 'guardian-postgres-import-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const url = await server.createDatabase();
    const file = makeFile();
    await writeFile(join(folder, 'history.csv'), file.csv);
    const client = new Client({ connectionString: url });
    await client.connect();
    // The server stops before it.
    client.on('error', () => undefined);
    const begin = () => {
      const args = [MAIN, 'import', 'history.csv', '--data_dir', join(folder, 'data'), '--locale', 'en', '--time_zone', 'UTC'];
      const engine = { GUARDIAN_STORE_ENGINE: 'postgres', GUARDIAN_STORE_URL: url };
      const run = spawn(process.execPath, args, { cwd: folder, env: { ...environment(), ...engine } });
      let output = '';
      for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
      return { run, ended: once(run, 'exit'), output: () => output };
    };
    const counted = async (): Promise<Record<string, number>> => {
      const { rows } = await client.query<{ status: string; total: string }>(
        'select status, sum(count) as total from minute_count group by status',
      );
      return Object.fromEntries(rows.map(({ status, total }) => [status, Number(total)]));
    };
    const sum = (totals: Record<string, number>): number => Object.values(totals).reduce((all, one) => all + one, 0);

    const killed = begin();
    const atKill = await waitFor(async () => {
      if (killed.run.exitCode !== null) throw new Error(`it ended before it could be killed:\n${killed.output()}`);
      const some = sum(await counted().catch(() => ({})));
      return some > 0 ? some : undefined;
    });
    killed.run.kill('SIGKILL');
    await killed.ended;
    assert.ok(atKill < sum(file.totals), 'in the middle');

    const second = begin();
    assert.deepEqual(await second.ended, [0, null], second.output());
    assert.deepEqual(await counted(), file.totals);
    const third = begin();
    assert.deepEqual(await third.ended, [0, null], third.output());
    assert.match(third.output(), new RegExp(`0 accepted, ${file.rows.toLocaleString('en')} duplicate`));
    assert.deepEqual(await counted(), file.totals);
    const { rows: minutes } = await client.query('select count(*)::int as n, sum(total)::int as total from minute where total > 0');
    assert.deepEqual(minutes, [{ n: MINUTES, total: sum(file.totals) }]);
    await client.end();
  },
);
