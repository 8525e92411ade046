import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from 'pg';
import { systemClock } from '../../src/clock.ts';
import { openPglite } from '../../src/store/pglite/open-pglite.ts';
import { silentLog } from '../../src/store/test-database.ts';
import { readOutcome } from '../e2e/outcome.ts';
import { MAIN, runGuardian, startProduct, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { startPostgres } from './postgres-server.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const MINUTES = 180;
const START = Date.parse('2026-03-10T12:00:00Z');
const LINES = incidentMinutes({ start: START, minutes: MINUTES, seed: 5 });
const OLD_ROWS = 150_000;

interface Moved {
  readonly same: boolean;
  readonly tables: readonly { readonly table: string; readonly from: number; readonly to: number; readonly same: boolean }[];
}

test(
  'an embedded installation moves to a server, over a kill: every table equal, and it goes on there',
  { timeout: 900_000 },
  async (t) => {
    const server = await startPostgres();
    t.after(() => server.stop());
    const folder = await mkdtemp(join(tmpdir(), 'guardian-move-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const running = new Set<Product>();
    t.after(() => Promise.all([...running].map((product) => product.kill())));
    const data = join(folder, 'data');
    const url = await server.createDatabase();
    const config = join(folder, 'guardian.yaml');
    await writeFile(config, `data_dir: ${data}\nstore:\n  engine: postgres\n  url: ${url}\n`);
    const start = async (flags: readonly string[]): Promise<Product> => {
      const product = await startProduct(data, flags);
      running.add(product);
      return product;
    };
    const finish = async (product: Product) => {
      await product.post('/transactions/batch', LINES.join('\n'), NDJSON);
      await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));
      return readOutcome(product, { start: START, minutes: MINUTES });
    };

    const embedded = await start([]);
    const before = await finish(embedded);
    assert.ok(before.anomalies.length > 0);
    assert.equal(await embedded.stop(), 0);
    const database = await openPglite({ dir: join(data, 'database'), log: silentLog, clock: systemClock });
    await database.query(
      `insert into minute_count select (n + 1000) * 60000::bigint, 'approved', '', 'm-' || n % 50, '', n % 9, n / 7.0, 0 from generate_series(1, $1::int) as n`,
      [OLD_ROWS],
    );
    await database.close();

    const move = ['migrate-data', '--from', data, '--to', config, '--json'];
    const killed = spawn(process.execPath, [MAIN, ...move], { stdio: 'ignore' });
    const client = new Client({ connectionString: url });
    await client.connect();
    await waitFor(async () => {
      if (killed.exitCode !== null) throw new Error(`it ended with ${killed.exitCode} before it could be killed`);
      const found = await client.query("select rows from data_move where name = 'minute_count'").catch(() => undefined);
      return found?.rows[0] === undefined ? undefined : true;
    });
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await client.end();

    const moved = await runGuardian(move);
    assert.equal(moved.code, 0, moved.output);
    const { same, tables } = JSON.parse(moved.output) as Moved;
    assert.ok(same);
    assert.deepEqual(
      tables.filter((table) => !table.same),
      [],
    );
    assert.ok((tables.find(({ table }) => table === 'minute_count')?.to ?? 0) > OLD_ROWS);
    const again = await runGuardian(move);
    assert.deepEqual([again.code, /já tem dados/.test(again.output)], [1, true], again.output);

    const there = await start(['--store.engine', 'postgres', '--store.url', url]);
    const after = await finish(there);
    assert.deepEqual(after, before, 'what is sent again changes nothing');
    const { id } = JSON.parse(LINES[7] ?? '') as { id: string };
    assert.equal((await there.get<{ id: string }>(`/transaction/${id}`)).id, id, 'single transactions are on the log as before');
  },
);
