import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProduct, startReceiver, waitFor, type Product } from './product.ts';

/** What the program shows of the traffic, and of the shift. */
async function shown(product: Product) {
  const stats = await product.get<Record<string, unknown>>('/api/v1/stats');
  const [merchants, anomalies, alerts, metrics] = await Promise.all([
    product.get('/api/v1/merchants'),
    product.get('/api/v1/anomalies'),
    product.get('/api/v1/alerts'),
    fetch(`${product.address}/metrics`).then((answer) => answer.text()),
  ]);
  const accepted = /guardian_ingest_records_total\{outcome="accepted"[^}]*\} (\d+)/.exec(metrics)?.[1];
  return { total: stats['transactions_last_hour'], minute: stats['last_minute'], merchants, anomalies, alerts, accepted };
}

test('a test transaction goes the whole way to a quiet chat and shows nowhere else', { timeout: 600_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'guardian-canary-'));
  t.after(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  const quiet = await startReceiver();
  t.after(() => quiet.down());
  const [settings, data] = [join(root, 'guardian.yaml'), join(root, 'data')];
  const receiver = `{ name: quiet, url: '${quiet.url}', severities: [], briefings: false, silence_notices: false }`;
  await writeFile(settings, `alert: { receivers: [${receiver}] }\ncanary: { receivers: [quiet], every_s: 3600 }\n`);

  const before = await startProduct(data);
  const lines = Array.from({ length: 5 }, (_line, minute) =>
    JSON.stringify({ timestamp: new Date(Date.UTC(2026, 2, 10, 12, minute)).toISOString(), status: 'approved', merchant_id: 'm-1' }),
  );
  await before.post('/transactions/batch', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  const refused = await before.post('/transaction', JSON.stringify({ status: 'approved', merchant_id: 'guardian-canary' }));
  assert.equal(refused.status, 422);
  assert.match(await refused.text(), /guardian-canary/);
  await waitFor(async () => ((await before.get<{ last_minute: string | null }>('/api/v1/stats')).last_minute === null ? undefined : true));
  const known = await shown(before);
  await before.stop();

  const product = await startProduct(data, ['--config', settings]);
  t.after(() => product.stop());
  const body = await waitFor(async () => quiet.bodies[0]);
  assert.equal(body.alerts[0]?.labels['alertname'], 'GuardianCanary');
  const proven = await waitFor(async () => {
    const { receivers } = await product.get<{ receivers: { last_proven_at: string | null; state: string }[] }>('/api/v1/delivery');
    return receivers[0]?.last_proven_at === null ? undefined : receivers[0];
  });
  assert.equal(proven?.state, 'proven');
  assert.deepEqual(await shown(product), { ...known, accepted: '0' });
  await waitFor(async () =>
    (await (await fetch(`${product.address}/metrics`)).text()).includes('guardian_canary_seconds{') ? true : undefined,
  );
});
