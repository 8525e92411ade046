import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import { startReceiver } from '../e2e/product.ts';
import { PHONE, skip, WIDE } from './chromium.ts';
import { lookAt, signIn } from './signed-in.ts';

test('the link of a notification opens the alert: why, timeline, deliveries, and what to do', { skip, timeout: 900_000 }, async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.down());
  const { product, page, errors } = await signIn(
    t,
    `alert:\n  external_url: http://console.example\n  group_wait_s: 0.3\n  receivers:\n    - name: phone\n      url: ${receiver.url}\n`,
  );
  const { items } = await product.get<AlertPage>('/alerts');
  const [alert] = items;
  assert.ok(alert !== undefined);
  const { pathname } = new URL(alert.annotations['url'] ?? '');
  assert.equal(pathname, `/alerts/${alert.anomaly_id}`);
  await page.goto(product.address + pathname);
  await page.getByRole('heading', { name: /^Negadas acima do normal/ }).waitFor();
  await page.locator('.detail-chart canvas').waitFor();
  await page.locator('.entry-fired').waitFor();
  await page.locator('.entry-delivered').waitFor({ timeout: 120_000 });
  await page.locator('.deliveries li').first().waitFor();
  await page.getByText('Nada parecido nos últimos 90 dias.').waitFor();
  await lookAt(page, 'alert');

  await page.setViewportSize(PHONE);
  await page.getByRole('button', { name: 'Reconhecer' }).click();
  await page.locator('.entry-acknowledged').waitFor();
  await page.getByRole('button', { name: 'Soneca 15 min' }).click();
  await page.locator('.entry-snoozed').waitFor();
  await page.getByRole('button', { name: /^Útil/ }).click();
  await page.locator('.entry-verdict', { hasText: 'Útil' }).waitFor();
  await page.setViewportSize(WIDE);
  await page.getByRole('link', { name: 'Executar check-dependencies' }).waitFor();
  await page.getByRole('button', { name: 'Abrir incidente' }).click();
  await page.getByRole('heading', { name: /^inc-1 · Negadas acima do normal/ }).waitFor();
  await page.goBack();
  await page.getByRole('link', { name: /^inc-1 · / }).waitFor();

  // A link of an earlier release, one of the list, and one to nothing.
  await page.goto(`${product.address}/anomalies/${alert.anomaly_id}`);
  await page.locator('.detail-chart canvas').waitFor();
  await page.getByRole('navigation', { name: 'Páginas' }).getByRole('link', { name: 'Alertas' }).click();
  await page.getByRole('link', { name: 'Detalhe do alerta' }).first().click();
  await page.locator('.entry-acknowledged').waitFor();
  await page.goto(`${product.address}/alerts/an_000000000000`);
  await page.getByText('Não foi possível carregar').waitFor();
  assert.deepEqual(errors, []);
});

test('axe finds nothing on the pages that come with the first script', { skip, timeout: 900_000 }, async (t) => {
  const { product, page } = await signIn(t);
  const { items } = await product.get<AlertPage>('/alerts');
  await page.locator('.plot-host canvas').first().waitFor();
  await lookAt(page, 'overview');
  await page.goto(`${product.address}/anomalies/${items[0]?.anomaly_id}`);
  await page.locator('.detail-chart canvas').waitFor();
  await lookAt(page, 'anomaly');
  await page.goto(`${product.address}/alerts`);
  await page.locator('.alert-row').first().waitFor();
  await lookAt(page, 'alerts');
  await page.goto(`${product.address}/silences`);
  await page.getByText('Nenhum silêncio ativo ou agendado.').waitFor();
  await lookAt(page, 'silences');
});
