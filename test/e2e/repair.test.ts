import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test, type TestContext } from 'node:test';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { runGuardian, startProduct, waitFor, type Product } from './product.ts';

const RECORDS = 4000;
const A_REQUEST = 200;
const START = Date.parse('2026-03-10T12:00:00Z');

interface Site {
  readonly dataDir: string;
  start(): Promise<Product>;
  repair(locale?: string): Promise<{ readonly code: number; readonly output: string }>;
  path(topic: string): string;
}

/** A data directory that has taken `RECORDS` transactions in many blocks, all counted; nothing runs on it. */
async function createSite(t: TestContext): Promise<Site> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-repair-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const dataDir = join(root, 'data');
  const start = async (): Promise<Product> => {
    const product = await startProduct(dataDir);
    t.after(() => product.kill());
    return product;
  };
  const product = await start();
  for (let from = 0; from < RECORDS; from += A_REQUEST) await send(product, from, from + A_REQUEST);
  await isCounted(product);
  assert.equal(await product.stop(), 0);
  return {
    dataDir,
    start,
    repair: (locale = 'en') => runGuardian(['repair', '--data_dir', dataDir, '--locale', locale]),
    path: (topic) => join(dataDir, 'bus', `${topic}.sqlite`),
  };
}

async function send(product: Product, from: number, to: number): Promise<void> {
  const lines = Array.from({ length: to - from }, (_, index) =>
    JSON.stringify({ id: `tx-${from + index}`, status: 'approved', timestamp: new Date(START + (from + index) * 100).toISOString() }),
  );
  const response = await product.post('/transactions/batch', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  assert.equal(response.status, 202);
}

async function isCounted(product: Product): Promise<void> {
  await waitFor(async () => {
    const { lag_records, lag_minutes } = await product.get<{ lag_records: number; lag_minutes: number }>('/stats');
    return lag_records === 0 && lag_minutes === 0 ? true : undefined;
  });
}

/** Takes the index of the blocks, so that the start cannot read the file, and one block. Returns the records of the block. */
function damage(path: string): { readonly from: number; readonly to: number; readonly count: number } {
  const db = new DatabaseSync(path);
  const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'blocks_by_offset'").get()?.['rootpage']);
  const block = db.prepare('SELECT id, first_offset, count FROM blocks WHERE count > 50 ORDER BY id LIMIT 1 OFFSET 2').get();
  db.prepare('UPDATE blocks SET data = substr(data, 1, 9) WHERE id = ?').run(Number(block?.['id']));
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(8192, 'x'), 0, 8192, (root - 1) * 8192);
  closeSync(file);
  const [from, count] = [Number(block?.['first_offset']), Number(block?.['count'])];
  return { from, to: from + count - 1, count };
}

async function remove(path: string): Promise<void> {
  for (const part of ['', '-wal', '-shm']) await rm(path + part, { force: true });
}

describe('guardian repair', { timeout: 600_000 }, () => {
  test('damaged transactions: the start names the way out, the repair what is lost, and the program goes on', async (t) => {
    const site = await createSite(t);
    const lost = damage(site.path('guardian.transactions'));
    const refused = await runGuardian(['up', '--data_dir', site.dataDir, '--http.port', '0', '--locale', 'en']);
    assert.equal(refused.code, 1);
    assert.match(refused.output, /Run `guardian repair`/);

    const { code, output } = await site.repair();
    assert.equal(code, 3, output);
    assert.match(output, new RegExp(`guardian\\.transactions: ${(RECORDS - lost.count).toLocaleString('en')} records recovered`));
    assert.match(output, new RegExp(`lost: ${lost.count} records, offsets ${lost.from} to ${lost.to} of partition 0`));
    assert.deepEqual(
      (await readdir(join(site.dataDir, 'bus'))).filter((name) => /^guardian\.transactions\.sqlite\.damaged-[^.]*$/.test(name)).length,
      1,
    );
    const again = await site.repair();
    assert.deepEqual([again.code, again.output.trim()], [0, 'the log is intact: nothing to repair']);

    const product = await site.start();
    await send(product, RECORDS, RECORDS + A_REQUEST);
    // A sign of life closes their minutes.
    await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + 900_000).toISOString() }));
    await isCounted(product);
    const { items } = await product.get<{ items: { total: number }[] }>(
      `/series?since=${new Date(START).toISOString()}&until=${new Date(START + 3_600_000).toISOString()}`,
    );
    const total = items.reduce((sum, item) => sum + item.total, 0);
    assert.equal(total, RECORDS + A_REQUEST, 'what was counted stays, and nothing is counted twice');
    const { status, checks } = await product.get<Health>('/health');
    assert.equal(status, 'degraded');
    assert.deepEqual(
      checks['data']?.losses?.map((loss) => [loss.topic, loss.why, loss.lost]),
      [['guardian.transactions', 'repaired', lost.count]],
    );
    assert.equal(await product.stop(), 0);
  });

  test('files that were deleted: 0 where the database has what is needed, 3 where nothing has', async (t) => {
    const site = await createSite(t);
    await remove(site.path('guardian.windows'));
    const derived = await site.repair();
    assert.equal(derived.code, 0, derived.output);
    assert.match(derived.output, /^guardian\.windows: the file is missing; the next start creates a new one\n {2}nothing is lost/);
    await remove(site.path('guardian.transactions'));
    const first = await site.repair('pt-BR');
    assert.equal(first.code, 3, first.output);
    assert.match(first.output, /^guardian\.transactions: o arquivo não existe; a próxima inicialização cria um novo\n {2}perdeu-se/);
    assert.equal(existsSync(site.path('guardian.transactions')), false, 'the start makes it, not the repair');
  });

  test('a sound directory, one that a server uses, and one that is none', async (t) => {
    const site = await createSite(t);
    const sound = await site.repair();
    assert.deepEqual([sound.code, sound.output.trim()], [0, 'the log is intact: nothing to repair']);

    const product = await site.start();
    const refused = await site.repair();
    assert.equal(refused.code, 1);
    assert.equal(refused.output.trim().split('\n').length, 1, refused.output);
    assert.ok(refused.output.includes(product.address), refused.output);
    await send(product, RECORDS, RECORDS + A_REQUEST);
    await isCounted(product);
    assert.equal(await product.stop(), 0);

    const unknown = join(site.dataDir, 'mistyped');
    for (const command of ['repair', 'rebuild']) {
      const { code, output } = await runGuardian([command, '--data_dir', unknown, '--locale', 'en']);
      assert.deepEqual([code, output.includes(`There is no log in the data directory ${unknown}`)], [1, true], output);
      assert.equal(existsSync(unknown), false);
    }
  });
});
