import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AnomalyPage } from '@transaction-guardian/contracts/read.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { startProduct, startReceiver, waitFor, type Receiver } from './product.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const MINUTES = 250;
/** A shop of a thousandth of the traffic closes; an acquirer of 30 % fails a little, then altogether. */
const SHOP_DOWN = 130;
const ACQUIRER_FAILS = 200;
const ACQUIRER_DOWN = 215;
const RATES = [
  { acquirer: 'acq-1', merchant_id: 'm-1', mean: 1000 },
  { acquirer: 'acq-2', merchant_id: 'm-2', mean: 750 },
  { acquirer: 'acq-3', merchant_id: 'm-3', mean: 750 },
  { acquirer: 'acq-1', merchant_id: 'm-small', mean: 2.5 },
];

function traffic(): string {
  const random = createRandom('receivers');
  const lines: string[] = [];
  for (let index = 0; index < MINUTES; index++) {
    const timestamp = new Date(START + index * MINUTE_MS).toISOString();
    for (const { mean, ...place } of RATES) {
      if (place.merchant_id === 'm-small' && index >= SHOP_DOWN) continue;
      const share = place.acquirer !== 'acq-3' || index < ACQUIRER_FAILS ? 0 : index < ACQUIRER_DOWN ? 0.22 : 0.95;
      for (const [status, part] of [
        ['approved', 0.95 * (1 - share)],
        ['denied', 0.05 * (1 - share)],
        ['failed', share],
      ] as const) {
        const count = part === 0 ? 0 : random.poisson(mean * part);
        if (count > 0) lines.push(JSON.stringify({ timestamp, status, count, amount: 80 * count, currency: 'BRL', ...place }));
      }
    }
  }
  return lines.join('\n');
}

/** Severity and place of every alert that a receiver was reported as firing, in order, each once. */
function heard({ bodies }: Receiver): string[] {
  const alerts = bodies.flatMap((body) => body.alerts.filter(({ status }) => status === 'firing'));
  return [...new Set(alerts.map(({ labels }) => `${labels['severity']} ${labels['merchant'] ?? labels['acquirer'] ?? 'fleet'}`))];
}

test('who is paged only for critical ones sleeps through a small shop, and not through an acquirer', { timeout: 900_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'guardian-severity-'));
  const [night, day] = [await startReceiver(), await startReceiver()];
  t.after(() => Promise.all([night.down(), day.down()]));
  t.after(() => rm(root, { recursive: true, force: true }));
  const settings = join(root, 'guardian.yaml');
  const receivers = `[{ name: night, url: '${night.url}', severities: [critical] }, { name: day, url: '${day.url}', severities: [critical, warning] }]`;
  await writeFile(settings, `briefing: { shifts: [] }\nalert: { group_wait_s: 0, group_interval_s: 0.2, receivers: ${receivers} }\n`);
  const product = await startProduct(join(root, 'data'), ['--config', settings]);
  t.after(() => product.stop());
  await product.post('/transactions/batch', traffic(), { 'content-type': 'application/x-ndjson' });
  await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * MINUTE_MS + 90_000).toISOString() }));

  await waitFor(async () => (heard(night).includes('critical acq-3') && heard(day).includes('critical acq-3') ? true : undefined));
  assert.deepEqual(heard(night), ['critical acq-3']);
  const { items } = await product.get<AnomalyPage>('/anomalies?limit=50');
  const [acquirer, shop] = ['acq-3', 'm-small'].map((id) => items.find(({ node }) => node.acquirer === id || node.merchant_id === id));
  assert.deepEqual([acquirer?.severity, shop?.severity], ['critical', 'warning']);
  assert.match(acquirer?.severity_text ?? '', /^Crítico: [\d.,]+\/min afetadas .*limite/);
  assert.match(shop?.severity_text ?? '', /do próprio tráfego/);
  const { items: alerts } = await product.get<{ items: { severity: string; anomaly_id: string; annotations: Record<string, string> }[] }>(
    '/alerts?status=all&limit=50',
  );
  const own = alerts.filter(({ anomaly_id }) => anomaly_id === acquirer?.id);
  const told = own.map(({ severity, annotations }) => `${severity}${annotations['replaced_by'] === undefined ? '' : ', replaced'}`);
  assert.deepEqual(new Set(told), new Set(['warning, replaced', 'critical']));
});
