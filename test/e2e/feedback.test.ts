import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { Feedback, FeedbackPage } from '@transaction-guardian/contracts/feedback.ts';
import { startProduct, waitFor, type Product } from './product.ts';
import { incidentMinutes } from './traffic.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };
const MINUTES = 200;

test(
  'a verdict ends its anomaly, survives kill -9 and a lost database, and a reset puts the threshold back',
  { timeout: 900_000 },
  async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'guardian-feedback-'));
    const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 3, incidentMinutes: 60 });
    const perMinute = lines.length / MINUTES;
    const send = async (product: Product, from: number, to: number): Promise<void> => {
      const body = lines.slice(from * perMinute, to * perMinute).join('\n');
      assert.equal((await product.post('/transactions/batch', body, NDJSON)).status, 202);
    };

    let product = await startProduct(dataDir);
    t.after(async () => {
      await product.kill();
      await rm(dataDir, { recursive: true, force: true });
    });
    await send(product, 0, 112);
    const anomaly = await waitFor(async () => (await anomalies(product)).find(({ status }) => status === 'open'));
    assert.equal(anomaly.type, 'denials_above_normal');
    const given = await product.act(`/anomalies/${anomaly.id}/feedback`, JSON.stringify({ verdict: 'noise' }));
    assert.equal(given.status, 200);
    const feedback = (await given.json()) as Feedback;
    await product.kill();

    product = await startProduct(dataDir);
    await waitFor(async () => ((await anomalies(product)).every(({ status }) => status === 'resolved') ? true : undefined));
    const [ended] = await anomalies(product);
    assert.ok(ended?.reasons.some(({ code }) => code === 'marked_noise'));
    const before = await page(product);
    assert.deepEqual(before.items, [feedback]);
    assert.deepEqual(before.effects, [
      { node: 'fleet', family: 'denial', noise: 1, useful: 0, threshold_shift_nats: Number(Math.LN2.toFixed(3)) },
    ]);
    await waitFor(async () => ((await verdictsInForce(product)) === 1 ? true : undefined));

    // The wave goes on at the same size: nothing is reported again.
    await send(product, 112, 150);
    await reached(product, 145);
    assert.equal((await anomalies(product)).length, 1);
    await product.kill();

    await rm(join(dataDir, 'database'), { recursive: true, force: true });
    product = await startProduct(dataDir);
    await reached(product, 145);
    assert.deepEqual((await page(product)).items, [feedback], 'the log gives the verdict back');
    await waitFor(async () => ((await verdictsInForce(product)) === 1 ? true : undefined));
    assert.equal((await anomalies(product)).length, 1);

    const reset = await product.act('/feedback/reset', JSON.stringify({ all: true }));
    assert.deepEqual(await reset.json(), { undone: 1 });
    assert.deepEqual((await page(product)).effects, []);
    await waitFor(async () => ((await verdictsInForce(product)) === 0 ? true : undefined));
    // What a person called noise is reported again now.
    await send(product, 150, 159);
    await waitFor(async () => (await anomalies(product)).find(({ status }) => status === 'open'));
    assert.equal(await product.stop(), 0);
  },
);

async function anomalies(product: Product): Promise<Anomaly[]> {
  return (await product.get<{ items: Anomaly[] }>('/anomalies?limit=100')).items;
}

const page = (product: Product): Promise<FeedbackPage> => product.get('/feedback');

/** What the detector itself says, by its metrics. */
async function verdictsInForce(product: Product): Promise<number> {
  const text = await (await fetch(`${product.address}/metrics`)).text();
  return Number(/^guardian_feedback_verdicts\{verdict="noise"\} (\d+)/m.exec(text)?.[1] ?? -1);
}

/** Waits until the detector has scored so many minutes. */
async function reached(product: Product, minutes: number): Promise<void> {
  const last = new Date(START + minutes * 60_000).toISOString();
  await waitFor(async () => {
    const { items } = await product.get<{ items: { minute: string; expected: number | null }[] }>('/series?minutes=5');
    return items.some(({ minute, expected }) => minute >= last && expected !== null) ? true : undefined;
  });
}
