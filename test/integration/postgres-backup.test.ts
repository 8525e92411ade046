import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { totalsOf } from '../e2e/outcome.ts';
import { runGuardian, startProduct, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { startPostgres } from './postgres-server.ts';

const run = promisify(execFile);
const NDJSON = { 'content-type': 'application/x-ndjson' };
const MINUTES = 240;
const LINES = incidentMinutes({ start: Math.floor(Date.now() / 60_000) * 60_000 - MINUTES * 60_000, minutes: MINUTES, seed: 8 });

test(
  'pg_dump, then guardian backup, while transactions come: restored they count each transaction once',
  { timeout: 900_000 },
  async (t) => {
    const server = await startPostgres();
    t.after(() => server.stop());
    const folder = await mkdtemp(join(tmpdir(), 'guardian-postgres-backup-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const running = new Set<Product>();
    t.after(() => Promise.all([...running].map((product) => product.kill())));
    const start = async (name: string, url: string): Promise<Product> => {
      const product = await startProduct(join(folder, name), ['--store.engine', 'postgres', '--store.url', url]);
      running.add(product);
      return product;
    };
    const flagsOf = (name: string, url: string): string[] => [
      '--data_dir',
      join(folder, name),
      '--store.engine',
      'postgres',
      '--store.url',
      url,
    ];
    const send = async (to: Product, lines: readonly string[]): Promise<void> => {
      for (let at = 0; at < lines.length; at += 50)
        assert.ok((await to.post('/transactions/batch', lines.slice(at, at + 50).join('\n'), NDJSON)).ok);
    };

    const first = await server.createDatabase();
    const product = await start('first', first);
    await send(product, LINES.slice(0, 500));
    const dump = join(folder, 'guardian.dump');
    const dumping = run('pg_dump', ['--format=custom', `--file=${dump}`, first]);
    await send(product, LINES.slice(500, 700));
    await dumping;
    await send(product, LINES.slice(700, 900));
    const backup = join(folder, 'backup');
    const taken = await runGuardian(['backup', '--to', backup, '--json', ...flagsOf('first', first)]);
    assert.equal(taken.code, 0, taken.output);
    assert.match(taken.output, /pg_dump/, 'it says that the server is not in it');
    await send(product, LINES.slice(900));
    await counted(product);
    const whole = await storedTotals(first);
    assert.deepEqual(whole, positive(totalsOf(LINES)));
    await product.kill();

    const second = await server.createDatabase();
    await run('pg_restore', ['--no-owner', '--exit-on-error', `--dbname=${second}`, dump]);
    const restored = await runGuardian(['restore', '--from', backup, ...flagsOf('second', second)]);
    assert.equal(restored.code, 0, restored.output);
    assert.equal((await runGuardian(['migrate', 'status', ...flagsOf('second', second)])).code, 0);
    const again = await start('second', second);
    await counted(again);
    assert.deepEqual(
      await storedTotals(second),
      positive(totalsOf(LINES.slice(0, 900))),
      'the database went on from its offsets to the end of the log',
    );
    await send(again, LINES);
    await counted(again);
    assert.deepEqual(await storedTotals(second), whole);
  },
);

async function counted(product: Product): Promise<void> {
  await waitFor(async () =>
    (await product.get<{ lag_records: number }>('/stats').catch(() => undefined))?.lag_records === 0 ? true : undefined,
  );
}

async function storedTotals(url: string): Promise<Record<string, number>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ status: string; total: string }>(
    'select status, sum(count) as total from minute_count group by status',
  );
  await client.end();
  return positive(Object.fromEntries(rows.map(({ status, total }) => [status, Number(total)])));
}

function positive(totals: Record<string, number>): Record<string, number> {
  const counts = Object.entries(totals).filter(([, total]) => total > 0);
  return Object.fromEntries(counts.toSorted(([a], [b]) => a.localeCompare(b)));
}
