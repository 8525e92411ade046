import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { runGuardian, startProduct, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { MIGRATIONS } from '../../src/store/migration-files.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

const MINUTES = 400;
const NDJSON = { 'content-type': 'application/x-ndjson' };
const LINES = incidentMinutes({ start: Date.parse('2026-03-10T12:00:00Z'), minutes: MINUTES, seed: 4 });
const TOTALS = totalsOf(LINES);

interface Stats {
  readonly lag_records: number;
  readonly lag_minutes: number;
}

describe('the whole program with its database on a PostgreSQL server', { timeout: 900_000 }, () => {
  let server: PostgresServer;
  let folder: string;
  let url: string;
  let flags: string[];
  let product: Product | undefined;
  const start = (): Promise<Product> => startProduct(join(folder, 'data'), flags);

  before(async () => {
    server = await startPostgres();
    folder = await mkdtemp(join(tmpdir(), 'guardian-postgres-product-'));
    url = await server.createDatabase();
    flags = ['--store.engine', 'postgres', '--store.url', url];
  });
  after(async () => {
    await product?.kill();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const send = async (to: Product, lines: readonly string[]): Promise<void> => {
    for (let at = 0; at < lines.length; at += 200)
      assert.ok((await to.post('/transactions/batch', lines.slice(at, at + 200).join('\n'), NDJSON)).ok);
  };
  const counted = async (from: Product): Promise<void> => {
    await waitFor(async () => {
      const stats = await from.get<Stats>('/stats').catch(() => undefined);
      return stats?.lag_records === 0 && stats.lag_minutes === 0 ? true : undefined;
    });
  };

  test('counts, finds the incident and alerts; a kill and a server that is away cost nothing that was accepted', async () => {
    product = await start();
    const third = Math.floor(LINES.length / 3);
    await send(product, LINES.slice(0, third));
    await product.kill();
    product = await start();
    await server.kill();
    await send(product, LINES.slice(third, 2 * third));
    await waitFor(async () => ((await fetch(`${product?.address}/health`)).status === 503 ? true : undefined));
    await server.start();
    await send(product, LINES.slice(2 * third));
    // The same lines once more: each has an id, so none counts twice.
    await send(product, LINES.slice(0, third));
    await counted(product);
    assert.deepEqual(await storedTotals(url), TOTALS);
    const { items } = await waitFor(async () => {
      const page = await product?.get<{ items: { type: string }[] }>('/anomalies');
      return page !== undefined && page.items.length > 0 ? page : undefined;
    });
    assert.deepEqual(
      items.map(({ type }) => type),
      ['denials_above_normal'],
    );
    await waitFor(async () => ((await fetch(`${product?.address}/health`)).status === 200 ? true : undefined));
  });

  test('with manual migrations a start names the command; of two that migrate at once one waits for the other', async () => {
    const fresh = await server.createDatabase();
    const of = ['--store.engine', 'postgres', '--store.url', fresh];
    const manual = ['--data_dir', join(folder, 'manual'), '--store.migrate', 'manual', ...of];
    const refused = await runGuardian(['up', '--http.port', '0', ...manual]);
    assert.deepEqual([refused.code, /guardian migrate up/.test(refused.output)], [1, true], refused.output);
    assert.equal((await runGuardian(['migrate', 'status', ...manual])).code, 3);
    const both = await Promise.all([0, 1].map(() => runGuardian(['migrate', 'up', '--json', ...manual])));
    const applied = both.flatMap(({ output }) => (JSON.parse(output) as { applied: string[] }).applied);
    assert.deepEqual(applied.toSorted(), readdirSync(MIGRATIONS).toSorted(), 'each is applied by one of them');
    assert.equal((await runGuardian(['migrate', 'status', ...manual])).code, 0);
    const audit = await runGuardian(['audit', 'verify', ...manual]);
    assert.deepEqual([audit.code, /não tem linhas/.test(audit.output)], [0, true], audit.output);
    const started = await startProduct(join(folder, 'manual'), ['--store.migrate', 'manual', ...of]);
    assert.equal(await started.stop(), 0);
  });

  test('a CSV file goes straight into the database, and once more changes nothing', async () => {
    const empty = await server.createDatabase();
    const file = join(folder, 'history.csv');
    const records = LINES.map((line) => JSON.parse(line) as { id: string; timestamp: string; status: string; count: number });
    await writeFile(
      file,
      ['id,timestamp,status,count', ...records.map((one) => [one.id, one.timestamp, one.status, one.count].join(','))].join('\n'),
    );
    const args = ['import', file, '--data_dir', join(folder, 'imported'), '--store.engine', 'postgres', '--store.url', empty];
    for (const round of ['first', 'again']) {
      const imported = await runGuardian(args);
      assert.equal(imported.code, 0, imported.output);
      assert.deepEqual(await storedTotals(empty), TOTALS, round);
    }
  });

  test('a second guardian does not get at the database of the first, and takes it when that one is gone', async () => {
    assert.ok(product !== undefined);
    const other = await runGuardian(['up', '--data_dir', join(folder, 'other'), '--http.port', '0', ...flags]);
    assert.match(other.output, /Another guardian has this database/);
    assert.notEqual(other.code, 0);
    assert.deepEqual(await storedTotals(url), TOTALS);
    assert.equal(await product.stop(), 0);
    product = await start();
    await counted(product);
    assert.deepEqual(await storedTotals(url), TOTALS);
  });
});

function totalsOf(lines: readonly string[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const line of lines) {
    const { status, count } = JSON.parse(line) as { status: string; count: number };
    if (count > 0) totals[status] = (totals[status] ?? 0) + count;
  }
  return sorted(totals);
}

async function storedTotals(url: string): Promise<Record<string, number>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ status: string; total: string }>(
    'select status, sum(count) as total from minute_count group by status having sum(count) > 0',
  );
  await client.end();
  return sorted(Object.fromEntries(rows.map(({ status, total }) => [status, Number(total)])));
}

function sorted(totals: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(totals).toSorted(([a], [b]) => a.localeCompare(b)));
}
