import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { NewAccessCode } from '@transaction-guardian/contracts/access.ts';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import type { Browser, Page } from 'playwright-core';
import type { Product } from '../e2e/product.ts';
import { ANA, startAlerting, type Alerting } from './alerting.ts';
import { openPage, PHONE, screenshot, skip, WIDE } from './chromium.ts';

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

let sent = 0;
/** What a bot brings of Ana. */
async function say(text: string): Promise<string> {
  const message = { channel: 'telegram', sender: '777', conversation: '777', message_id: `m${++sent}`, text };
  const answer = (await (await product.act('/api/v1/chat', JSON.stringify(message))).json()) as ChatAnswer;
  return answer.blocks.map((block) => block.text).join('\n');
}
const addressIn = (text: string): string => /https?:\/\/\S+/.exec(text)?.[0] ?? assert.fail(text);

const phone = async (): Promise<Page> => (await openPage(browser, PHONE)).page;
const isSignedOut = (page: Page) => page.getByRole('heading', { name: 'Entre no console' }).waitFor();
const isOnAlert = async (page: Page) => {
  await page
    .getByRole('button', { name: /reconhec/i })
    .first()
    .waitFor();
  const { pathname, search } = new URL(page.url());
  // Links of earlier releases name the anomaly.
  assert.ok([`/alerts/${alert.anomaly_id}`, `/anomalies/${alert.anomaly_id}`].includes(pathname), pathname);
  assert.equal(search, '');
};

test('the alert of the night on a phone: its link, signed out, "link" in the chat, on the alert, acknowledged', { skip }, async () => {
  const page = await phone();
  await page.goto(`${product.address}/anomalies/${alert.anomaly_id}`);
  await isSignedOut(page);
  await page.getByText('Depois de entrar, você vai direto para a página deste link.').waitFor();
  await screenshot(page, 'phone-sign-in');
  // A chat opens what is tapped in another tab of the same browser.
  const tab = await page.context().newPage();
  await tab.goto(addressIn(await say('link')));
  await isOnAlert(tab);
  await tab.getByRole('button', { name: 'Reconhecer' }).first().click();
  await tab.getByText('Ana Souza').first().waitFor();
  const { items } = await product.get<AlertPage>('/alerts');
  assert.equal(items.find(({ fingerprint }) => fingerprint === alert.fingerprint)?.acknowledged_by?.id, 'ana');
  await page.context().close();
});

test('"link 1" opens on the alert on a phone that has never been here, once', { skip }, async () => {
  await say('alertas');
  const link = addressIn(await say('link 1'));
  const page = await phone();
  await page.goto(link);
  await isOnAlert(page);
  const other = await phone();
  await other.goto(link);
  await other.getByText('O link já foi usado ou expirou.').waitFor();
  assert.equal(new URL(other.url()).search, '', 'a token that is spent leaves the address too');
});

test('whoever only looks at a link does not use it up: HEAD, previews, scanners, a browser that fetches ahead', { skip }, async () => {
  const link = addressIn(await say('link'));
  const looks: readonly RequestInit[] = [
    { method: 'HEAD' },
    { headers: { 'user-agent': 'TelegramBot (like TwitterBot)' } },
    { headers: { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', accept: 'text/html' } },
    { headers: { 'sec-purpose': 'prefetch;prerender', accept: 'text/html' } },
    {},
  ];
  for (const look of looks) assert.equal((await fetch(link, { ...look, redirect: 'manual' })).headers.get('set-cookie'), null);
  const page = await phone();
  await page.goto(link);
  await page.getByRole('navigation', { name: 'Páginas' }).waitFor();
});

test('a code of another screen, typed on the phone, ends on the page that was asked for; a wrong one says so', { skip }, async () => {
  const { code } = (await (await product.act('/api/v1/access/codes', '{"person":"ana"}')).json()) as NewAccessCode;
  const page = await phone();
  await page.goto(`${product.address}/anomalies/${alert.anomaly_id}`);
  const field = page.getByLabel('Com um código');
  await field.fill('2222-2222');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByText('Este código não é válido').waitFor();
  await field.fill(code.toLowerCase());
  await field.press('Enter');
  await isOnAlert(page);
});

test('no address of another server comes out of a sign-in, however it is written', { skip }, async () => {
  for (const path of ['//example.com/x', '/.//example.com', '/%5Cexample.com', '/?next=https://example.com']) {
    const { page } = await openPage(browser, WIDE);
    const token = new URL(addressIn(await say('link'))).searchParams.get('token') ?? '';
    await page.goto(`${product.address}${path}${path.includes('?') ? '&' : '?'}token=${token}`);
    await page.getByRole('navigation', { name: 'Páginas' }).waitFor();
    assert.equal(new URL(page.url()).origin, product.address, path);
    assert.equal(new URL(page.url()).searchParams.get('token'), null, path);
    await page.context().close();
  }
});

test('no secret of a link or a code is in the log or the data that people read', { skip }, async () => {
  const link = addressIn(await say('link'));
  const token = new URL(link).searchParams.get('token') ?? '';
  await fetch(link, { headers: { accept: 'text/html' } });
  await product.post('/api/v1/session', JSON.stringify({ token: `${token}x` }));
  await product.post('/api/v1/session', JSON.stringify({ code: '7K3M-9QXA' }));
  const authorization = `Bearer ${(await readFile(join(alerting.dataDir, 'service-token'), 'utf8')).trim()}`;
  const audit = await (await fetch(`${product.address}/api/v1/audit?limit=100`, { headers: { authorization } })).text();
  assert.match(audit, /"code\.refuse"/);
  for (const text of [product.output(), audit]) {
    assert.ok(!text.includes(token.split('.')[1] ?? token), 'no token');
    assert.doesNotMatch(text, /7K3M-?9QXA/);
  }
});
