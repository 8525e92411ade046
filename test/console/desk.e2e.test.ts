/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NewAccessCode } from '@transaction-guardian/contracts/access.ts';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import type { RunbookRunPage } from '@transaction-guardian/contracts/runbook.ts';
import type { Browser, Page } from 'playwright-core';
import { waitFor, type Product } from '../e2e/product.ts';
import { ANA, startAlerting, type Alerting } from './alerting.ts';
import { isWide, openPage, PHONE, screenshot, skip, WIDE } from './chromium.ts';

let alerting: Alerting;
let product: Product;
let browser: Browser;
let alert: Alerting['alert'];

before(async () => {
  if (skip !== false) return;
  alerting = await startAlerting(ANA);
  ({ product, browser, alert } = alerting);
});
after(() => alerting?.close());

const codeOf = async (): Promise<string> =>
  ((await (await product.act('/api/v1/access/codes', '{"person":"ana"}')).json()) as NewAccessCode).code;

/** A browser that Ana is signed in with, on a page. */
async function signedIn(path: string, viewport: typeof WIDE | typeof PHONE = WIDE): Promise<{ page: Page; errors: string[] }> {
  const { page, errors } = await openPage(browser, viewport);
  await page.request.post(`${product.address}/api/v1/session`, { data: { code: await codeOf() } });
  await page.goto(product.address + path);
  await page.getByRole('navigation', { name: 'Páginas' }).waitFor();
  errors.length = 0;
  return { page, errors };
}

const alertNow = async () => (await product.get<AlertPage>('/alerts')).items.find(({ fingerprint }) => fingerprint === alert.fingerprint);

test('the chat of the console answers as the person who is signed in, with buttons, codes, a chart and "mais"', { skip }, async () => {
  const { page, errors } = await signedIn('/', PHONE);
  await page.getByRole('button', { name: 'abrir o chat' }).click();
  const chat = page.getByRole('complementary', { name: 'Chat' });
  const field = chat.getByRole('textbox', { name: 'Mensagem' });
  await field.fill('alertas');
  await field.press('Enter');
  await chat.getByText('Alerta Ativo').waitFor();
  await field.fill('1a');
  await chat.getByRole('button', { name: 'Enviar' }).click();
  await chat.getByText(/reconhecido por Ana Souza/).waitFor();
  assert.equal((await alertNow())?.acknowledged_by?.id, 'ana');
  await field.fill('taxa de aprovação');
  await field.press('Enter');
  const chart = chat.getByRole('img');
  await chart.waitFor();
  assert.ok(await chart.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0), 'the chart is a picture');
  assert.notEqual(await chart.getAttribute('alt'), '');
  await screenshot(page, 'phone-chat', false);
  assert.equal(await isWide(page), false);
  await field.fill(Array.from({ length: 10 }, () => 'ajuda').join('\n'));
  await field.press('Enter');
  await chat.getByRole('button', { name: 'mais', exact: true }).click();
  await chat.locator('.chat-theirs').nth(4).waitFor();
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('a message that did not arrive is sent again as the same one', { skip }, async () => {
  const { page } = await signedIn('/');
  const ids: string[] = [];
  await page.route('**/api/v1/chat', async (route) => {
    ids.push((route.request().postDataJSON() as { readonly message_id: string }).message_id);
    await (ids.length === 1 ? route.abort() : route.continue());
  });
  await page.keyboard.press('c');
  const chat = page.getByRole('complementary', { name: 'Chat' });
  await chat.getByRole('textbox').fill('status');
  await page.keyboard.press('Enter');
  await chat.getByText('A mensagem não chegou').waitFor();
  await chat.getByRole('button', { name: 'Enviar de novo' }).click();
  await chat.getByText('Transaction Guardian Status').waitFor();
  assert.equal(ids[0], ids[1]);
  await page.keyboard.press('Escape');
  await chat.waitFor({ state: 'detached' });
  await page.context().close();
});

test('a run that goes on is followed in its answer until it ends', { skip }, async () => {
  const { page } = await signedIn('/');
  let asked = 0;
  await page.route('**/api/v1/chat', async (route) => {
    const isOver = ++asked > 2;
    const body = {
      blocks: [{ type: 'text', text: isOver ? '✅ [2/2] Pronto' : '🔄 [1/2] Reiniciando API...', line: 1 }],
      buttons: [],
      follow_ups: isOver ? [] : ['andamento'],
      attachments: [],
      more: false,
      locale: 'pt-BR',
    };
    await route.fulfill({ json: body });
  });
  await page.keyboard.press('c');
  const chat = page.getByRole('complementary', { name: 'Chat' });
  await chat.getByRole('textbox').fill('runbook restart-api');
  await page.keyboard.press('Enter');
  await chat.getByText('🔄 [1/2] Reiniciando API...').waitFor();
  await chat.getByText('✅ [2/2] Pronto').waitFor();
  assert.equal(await chat.locator('.chat-theirs').count(), 1, 'one answer, which was updated');
  assert.equal(await chat.getByText('Atualizando o andamento').count(), 0);
  await page.context().close();
});

test('a runbook of the product runs from the chat of the console, step by step', { skip }, async () => {
  const { page } = await signedIn('/', PHONE);
  await page.getByRole('button', { name: 'abrir o chat' }).click();
  const chat = page.getByRole('complementary', { name: 'Chat' });
  await chat.getByRole('textbox').fill('runbook check-dependencies');
  await page.keyboard.press('Enter');
  await chat.getByText(/check-dependencies[\s\S]*✅/).waitFor({ timeout: 120_000 });
  const { items } = await product.get<RunbookRunPage>('/api/v1/runbook-runs?limit=1');
  assert.deepEqual([items[0]?.runbook, items[0]?.requested_by.id, items[0]?.channel], ['check-dependencies', 'ana', 'console']);
  await page.context().close();
});

test('the palette goes to pages, finds alerts and merchants, asks the chat, and acts on what is open', { skip }, async () => {
  const { page, errors } = await signedIn(`/anomalies/${alert.anomaly_id}`);
  await page.getByText('Pior minuto').waitFor();
  const palette = page.getByRole('dialog', { name: 'Ir para, agir ou procurar' });
  const open = async (text: string) => {
    await page.keyboard.press('Control+k');
    await palette.getByRole('combobox').fill(text);
  };
  await page.keyboard.press('Control+k');
  await palette.getByRole('option', { name: /Soneca de 15 min/ }).waitFor();
  await screenshot(page, 'wide-palette', false);
  await page.keyboard.press('Escape');
  await palette.waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).pathname, `/anomalies/${alert.anomaly_id}`, 'Escape closes the palette only');
  await open('soneca de 15');
  await page.keyboard.press('Enter');
  await waitFor(async () => ((await alertNow())?.snoozed_until == null ? undefined : true));
  await open('silenc');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/silences');
  await open('negadas');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/alerts/${alert.anomaly_id}`);
  await open('quem está de plantão?');
  await page.keyboard.press('Enter');
  await page.getByRole('complementary', { name: 'Chat' }).getByText('quem está de plantão?').waitFor();
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('a palette that opened before the alerts came acts on the open one as soon as they are there', { skip }, async () => {
  const { page } = await openPage(browser, WIDE);
  await page.request.post(`${product.address}/api/v1/session`, { data: { code: await codeOf() } });
  const opened = Promise.withResolvers<void>();
  await page.route('**/api/v1/alerts*', async (route) => {
    await opened.promise;
    await route.continue();
  });
  await page.goto(`${product.address}/anomalies/${alert.anomaly_id}`);
  await page.getByRole('navigation', { name: 'Páginas' }).waitFor();
  const palette = page.getByRole('dialog', { name: 'Ir para, agir ou procurar' });
  await waitFor(async () => {
    await page.keyboard.press('Control+k');
    return (await palette.isVisible()) ? true : undefined;
  });
  assert.equal(await palette.getByRole('option', { name: /Runbook: / }).count(), 0);
  opened.resolve();
  await palette.getByRole('option', { name: /Runbook: / }).waitFor();
  await page.context().close();
});

test('keys act on the selected alert, never while somebody types or something is open over the page', { skip }, async () => {
  await product.act(`/api/v1/alerts/${alert.fingerprint}/snooze`, JSON.stringify({ minutes: 1 }));
  const { page } = await signedIn(`/anomalies/${alert.anomaly_id}`);
  await page.getByText('Pior minuto').waitFor();
  const acts: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') acts.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await page.keyboard.press('/');
  await page.keyboard.type('asrc?1');
  assert.equal(await page.getByRole('searchbox').or(page.getByRole('textbox')).first().inputValue(), 'asrc?1');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Atalhos do teclado' }).waitFor();
  await page.getByText('reconhecer, soneca, runbook').waitFor();
  await page.keyboard.press('a');
  await page.keyboard.press('s');
  await page.keyboard.press('Escape');
  assert.deepEqual(acts, []);
  await page.keyboard.press('r');
  const field = page.getByRole('complementary', { name: 'Chat' }).getByRole('textbox');
  await field.waitFor();
  assert.equal(await field.inputValue(), `runbook ${alert.fingerprint}`);
  assert.deepEqual(acts, [], 'nothing runs by one key');
  await page.context().close();
});

test('the settings show a code that signs a phone in, list the session that it opened, and end it', { skip }, async () => {
  const { page, errors } = await signedIn('/settings');
  await page.getByText('Você age como Ana Souza.').waitFor();
  await page.getByRole('button', { name: 'Mostrar um código' }).click();
  const code = await page.locator('.code-letters').innerText();
  const phone = (await openPage(browser, PHONE)).page;
  await phone.goto(`${product.address}/alerts`);
  await phone.getByLabel('Com um código').fill(code);
  await phone.getByRole('button', { name: 'Entrar' }).click();
  await phone.getByRole('navigation', { name: 'Páginas' }).waitFor();
  assert.equal(new URL(phone.url()).pathname, '/alerts');
  await screenshot(page, 'wide-settings');
  await page.reload();
  await page.getByText('esta sessão').waitFor();
  await page
    .getByRole('button', { name: /^Encerrar/ })
    .first()
    .click();
  await waitFor(async () => {
    const { authenticated } = (await (await phone.request.get(`${product.address}/api/v1/session`)).json()) as { authenticated: boolean };
    return authenticated ? undefined : true;
  });
  await page.getByRole('button', { name: 'Sair' }).click();
  await page.getByRole('heading', { name: 'Entre no console' }).waitFor();
  assert.deepEqual(
    errors.filter((text) => !text.includes('401')),
    [],
  );
  await Promise.all([page.context().close(), phone.context().close()]);
});
