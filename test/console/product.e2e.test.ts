import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AnomalyPage } from '@transaction-guardian/contracts/read.ts';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { launch, openPage, PHONE, screenshot, skip, WIDE } from './chromium.ts';

const MINUTES = 240;
const START = Date.parse('2025-07-12T12:00:00Z');

async function start(t: TestContext): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), 'guardian-console-'));
  const product = await startProduct(dir);
  t.after(async () => {
    if (product.process.exitCode === null) await product.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return product;
}

const send = (product: Product, lines: readonly string[]) =>
  product.post('/transactions/batch', lines.join('\n'), { 'content-type': 'application/x-ndjson' });

test('the real program: link, first data, an incident that opens and resolves, and its end', { skip, timeout: 900_000 }, async (t) => {
  const product = await start(t);
  const browser = await launch();
  t.after(() => browser.close());
  const { page, errors } = await openPage(browser, WIDE);
  await page.goto(product.address);
  await page.getByText('Entre no console').waitFor();
  const link = /http:\/\/\S+\?token=\S+/.exec(product.output())?.[0] ?? '';
  await page.goto(link);
  await page.getByRole('heading', { name: 'Aguardando o primeiro minuto de transações' }).waitFor();
  assert.equal(new URL(page.url()).search, '', 'the token has left the address');

  const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 7 });
  const perMinute = lines.length / MINUTES;
  assert.equal((await send(product, lines.slice(0, 130 * perMinute))).status < 300, true);
  await page.getByText(/^Crítico: |^Atenção: /).waitFor({ timeout: 900_000 });
  await page.locator('.row.is-open').first().waitFor();
  await page.locator('.plot-host canvas').first().waitFor();
  await screenshot(page, 'product-incident');

  await send(product, lines.slice(130 * perMinute));
  await page.getByText('Tudo dentro do esperado').waitFor({ timeout: 900_000 });
  const stored = await waitFor(async () => {
    const anomalies = await product.get<AnomalyPage>('/anomalies');
    return anomalies.items.length > 0 && anomalies.items.every(({ status }) => status === 'resolved') ? anomalies.items : undefined;
  });
  assert.equal(await page.locator('.rows > li').count(), stored.length);
  await page.locator('.row-head').first().click();
  await page.locator('.detail-chart canvas').waitFor();
  await screenshot(page, 'product-resolved');
  await page.setViewportSize(PHONE);
  await screenshot(page, 'product-phone');

  await product.stop();
  await page.getByText('Conexão perdida').first().waitFor();
  assert.deepEqual(
    errors.filter((text) => !text.includes('401')),
    [],
  );
});
