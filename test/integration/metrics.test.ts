import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';

const MINUTE_MS = 60_000;

/** Two minutes of traffic, and the records that close them. */
function traffic(): string {
  const start = Date.now() - 60 * MINUTE_MS;
  const minutes = [0, 1, 2, 10].flatMap((minute) => {
    const timestamp = new Date(start + minute * MINUTE_MS).toISOString();
    return [
      { timestamp, status: 'approved', count: 100, merchant_id: 'm-1', acquirer: 'acq-1', auth_code: '00' },
      { timestamp, status: 'denied', count: 5, merchant_id: 'm-1', acquirer: 'acq-1', auth_code: '51' },
    ];
  });
  return `${minutes.map((record) => JSON.stringify(record)).join('\n')}\n`;
}

describe('GET /metrics', () => {
  let directory: string;
  let product: Product | undefined;
  let metrics: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guardian-metrics-'));
    const started = await startProduct(directory);
    product = started;
    const answer = await started.post('/transactions/batch', traffic(), { 'content-type': 'application/x-ndjson' });
    assert.ok(answer.ok, await answer.text());
    await started.post('/transaction', '{"status":"no such status"}');
    await waitFor(async () => ((await started.get<{ last_minute: string | null }>('/stats')).last_minute === null ? undefined : true));
    const response = await fetch(`${started.address}/metrics`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    metrics = await response.text();
  });

  after(async () => {
    await product?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test('passes promtool check metrics', () => {
    const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' });
    assert.equal(error, undefined, 'promtool is not on PATH; "npm run test:services" installs it');
    assert.equal(`${stdout}${stderr}`, '');
    assert.equal(status, 0);
  });

  test('names every metric of ours guardian_ and shows each stage of the flow', () => {
    const names = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '');
    const foreign = names.filter((name) => !/^(guardian|nodejs|process)_/.test(name));
    assert.deepEqual(foreign, []);
    const flow = [
      'http_request_seconds',
      'ingest_records_total',
      'bus_publish_seconds',
      'scored_windows_total',
      'anomalies_total',
      'open_alerts',
    ];
    assert.deepEqual(
      flow.filter((name) => !names.includes(`guardian_${name}`)),
      [],
      names.join('\n'),
    );
  });

  test('has no label with a value that grows with the traffic', () => {
    assert.doesNotMatch(metrics, /m-1|acq-1/);
  });
});
