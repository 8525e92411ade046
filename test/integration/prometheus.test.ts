import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../e2e/free-port.ts';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

describe('a real Prometheus', () => {
  let folder: string;
  let product: Product;
  let prometheus: ChildProcess;
  let address: string;
  let output = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guardian-prometheus-'));
    product = await startProduct(join(folder, 'data'));
    const target = new URL(product.address).host;
    await writeFile(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: guardian\n    static_configs: [{ targets: ['${target}'] }]\n`,
    );
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const flags = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    prometheus = spawn('prometheus', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    prometheus.on('error', (error) => (output += error.message));
    prometheus.stderr?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  });

  after(async () => {
    await product?.stop();
    if (prometheus?.exitCode === null && prometheus.signalCode === null && prometheus.pid !== undefined) {
      const ended = once(prometheus, 'exit');
      prometheus.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  });

  async function query(text: string): Promise<readonly Sample[]> {
    const response = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(text)}`).catch(() => undefined);
    assert.ok(prometheus.exitCode === null, `prometheus ended: ${output}; "npm run test:services" installs it`);
    if (response?.ok !== true) return [];
    return ((await response.json()) as { readonly data: { readonly result: readonly Sample[] } }).data.result;
  }

  test('scrapes the program without an error and sees the records that were accepted', async () => {
    const records = Array.from({ length: 5 }, (_, index) => JSON.stringify({ id: `p-${index}`, status: 'approved', count: 10 }));
    const answer = await product.post('/transactions/batch', records.join('\n'), { 'content-type': 'application/x-ndjson' });
    assert.equal(answer.status, 202, await answer.text());
    await waitFor(async () => ((await query('up{job="guardian"} == 1')).length === 1 ? true : undefined));
    const accepted = await waitFor(async () => {
      const [sample] = await query('sum(guardian_ingest_records_total{outcome="accepted"})');
      return Number(sample?.value[1]) >= 5 ? sample : undefined;
    });
    assert.equal(Number(accepted.value[1]), 5);
    assert.deepEqual(await query('scrape_samples_scraped{job="guardian"} == 0'), []);
  });
});
