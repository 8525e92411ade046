/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { DIST, launch, openMenu, openPage, PHONE, screenshot, skip, WIDE } from './chromium.ts';
import { makeAnomaly } from './fake-company.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

const MINUTE_MS = 60_000;
const LAST = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;

let browser: Browser;
before(async () => {
  if (skip === false) browser = await launch();
});
after(() => browser?.close());

const wave = makeAnomaly('an_wave', LAST - 8 * MINUTE_MS);
const level = makeAnomaly('an_level', LAST - 70 * MINUTE_MS, {
  severity: 'warning',
  type: 'low_volume',
  node: { kind: 'fleet' },
  slice: { share: 1 },
  duration_minutes: 70,
  updated_at: new Date(LAST).toISOString(),
  reasons: [
    { code: 'below', params: { what: 'total', observed: 72, expected: 120, z: -6.1 } },
    { code: 'stable_new_level', params: { minutes: 62 } },
  ],
});

async function withServer(work: (server: FakeServer) => Promise<void>): Promise<void> {
  const server = await startFakeServer({ dist: DIST, lastMinute: LAST, anomalies: [wave, level] });
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

test('a verdict is given and taken back with buttons and keys, and what the server refuses goes back', { skip }, async () => {
  await withServer(async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    await page.goto(`${server.url}/anomalies/an_wave`);
    const noise = page.getByRole('button', { name: /^Ruído/ });
    const pressed = page.getByRole('button', { name: /^Ruído/, pressed: true });
    // It shows before the server has answered.
    const seen = Promise.withResolvers<void>();
    await page.route('**/anomalies/an_wave/feedback', async (route) => {
      await seen.promise;
      await route.continue();
    });
    await noise.click();
    await pressed.waitFor();
    seen.resolve();
    await page.getByText('Ruído, por sessão do console 1f2e3d4c5b6a').waitFor();
    assert.match(await page.locator('#an_wave .row-what').innerText(), /Ruído/);
    await screenshot(page, 'wide-verdict');
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('u');
    await page.getByText('Útil, por sessão do console 1f2e3d4c5b6a').waitFor();
    await page.keyboard.press('z');
    await page.getByText('Útil, por sessão do console 1f2e3d4c5b6a').waitFor({ state: 'detached' });
    server.refuseFeedback(true);
    await noise.click();
    await page.getByText('Não foi possível gravar: O banco de dados não respondeu.').waitFor();
    await pressed.waitFor({ state: 'detached' });
    server.refuseFeedback(false);
    await noise.click();
    await page.getByText('Ruído, por sessão do console 1f2e3d4c5b6a').waitFor();
    await page.reload();
    await page.getByText('Ruído, por sessão do console 1f2e3d4c5b6a').waitFor();
    await openMenu(page);
    await page.getByRole('button', { name: 'EN', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByText('Noise, by console session 1f2e3d4c5b6a').waitFor();
    assert.deepEqual(errors, []);
  });
});

test('the question whether a level is normal is answered on a phone, and another person sees the answer', { skip }, async () => {
  await withServer(async (server) => {
    const { page, errors } = await openPage(browser, PHONE);
    const other = await openPage(browser, WIDE);
    await other.page.goto(server.url);
    await page.goto(`${server.url}/anomalies/an_level`);
    await page.getByText('Estável em um novo nível. Este é o novo normal?').waitFor();
    await page.getByText('novo nível?', { exact: true }).waitFor();
    await screenshot(page, 'phone-question', false);
    const accept = page.getByRole('button', { name: /^Aceitar nível/ });
    const box = await accept.boundingBox();
    assert.ok(box !== null && box.height >= 44 && box.x >= 0 && box.x + box.width <= PHONE.width, 'it can be pressed with a thumb');
    await accept.click();
    await page.getByText('Aceitar nível, por sessão do console 1f2e3d4c5b6a').waitFor();
    await other.page.locator('#an_level .tag-accept_level').waitFor();
    await screenshot(page, 'phone-verdict', false);
    await screenshot(other.page, 'wide-verdict-list', false);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, 'nothing is wider than the phone');
    assert.deepEqual([...errors, ...other.errors], []);
  });
});
