import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProduct } from '../e2e/product.ts';
import { launch, openPage, skip, WIDE } from './chromium.ts';

test('a first transaction whose minute is open: the page denies nothing that was accepted', { skip, timeout: 900_000 }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'guardian-first-'));
  const product = await startProduct(dir);
  t.after(async () => {
    await product.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const accepted = await product.post('/transaction', '{"status":"approved"}', { 'content-type': 'application/json' });
  assert.equal(accepted.status, 202);
  const browser = await launch();
  t.after(() => browser.close());
  const { page } = await openPage(browser, WIDE);
  await page.goto(/http:\/\/\S+\?token=\S+/.exec(product.output())?.[0] ?? '');
  await page.getByText('Nenhum minuto fechado ainda').waitFor();
  const text = await page.locator('body').innerText();
  assert.doesNotMatch(text, /nenhuma transação recebida|tudo dentro do esperado/i);
});
