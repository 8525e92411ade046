import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { startProduct, waitFor, type Product } from './product.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };

async function createSite(t: TestContext): Promise<{ readonly bus: string; start(): Promise<Product> }> {
  const root = await mkdtemp(join(tmpdir(), 'guardian-log-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const start = async (): Promise<Product> => {
    const product = await startProduct(join(root, 'data'));
    t.after(() => product.kill());
    return product;
  };
  return { bus: join(root, 'data', 'bus'), start };
}

/** Sends transactions `from` to `to`, and a sign of life that closes their minutes. */
async function send(product: Product, from: number, to: number): Promise<void> {
  const lines = Array.from({ length: to - from }, (_, index) => {
    const at = new Date(START + (from + index) * 100).toISOString();
    return JSON.stringify({ id: `tx-${from + index}`, status: 'approved', timestamp: at });
  });
  assert.equal((await product.post('/transactions/batch', lines.join('\n'), NDJSON)).status, 202);
  await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + to * 100 + 180_000).toISOString() }));
}

async function countAll(product: Product): Promise<number> {
  interface Stats {
    readonly lag_records: number;
    readonly lag_minutes: number;
  }
  await waitFor(async () => {
    const stats = await product.get<Stats>('/stats');
    return stats.lag_records === 0 && stats.lag_minutes === 0 ? true : undefined;
  });
  const range = `since=${new Date(START - 60_000).toISOString()}&until=${new Date(START + 3_600_000).toISOString()}`;
  const { items } = await product.get<{ items: { by_status: Record<string, number> }[] }>(`/series?${range}`);
  return items.reduce((sum, item) => sum + Object.values(item.by_status).reduce((a, b) => a + b, 0), 0);
}

async function remove(bus: string, topic: string): Promise<void> {
  for (const name of await readdir(bus)) if (name.startsWith(`${topic}.sqlite`)) await rm(join(bus, name));
}

describe('a log that is not the one that the database has read', { timeout: 900_000 }, () => {
  test('transactions and windows that were removed: everything accepted afterwards is counted and judged', async (t) => {
    const site = await createSite(t);
    let product = await site.start();
    await send(product, 0, 5000);
    assert.equal(await countAll(product), 5000);
    assert.equal(await product.stop(), 0);
    for (const topic of ['guardian.transactions', 'guardian.windows', 'guardian.anomalies', 'guardian.groups'])
      await remove(site.bus, topic);
    product = await site.start();
    await send(product, 5000, 13_000);
    assert.equal(await countAll(product), 13_000);
    assert.match(product.output(), /guardian\.transactions.*read again from its start/);
    assert.equal(await product.stop(), 0);
  });

  test('an older copy of the log: what is accepted in the place of what is gone is counted', async (t) => {
    const site = await createSite(t);
    let product = await site.start();
    await send(product, 0, 2000);
    assert.equal(await countAll(product), 2000);
    assert.equal(await product.stop(), 0);
    await cp(site.bus, `${site.bus}.older`, { recursive: true });
    product = await site.start();
    await send(product, 2000, 5000);
    assert.equal(await countAll(product), 5000);
    assert.equal(await product.stop(), 0);
    await rm(site.bus, { recursive: true });
    await cp(`${site.bus}.older`, site.bus, { recursive: true });
    product = await site.start();
    await send(product, 5000, 8000);
    assert.equal(await countAll(product), 8000);
    assert.equal(await product.stop(), 0);
  });
});
