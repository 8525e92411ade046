/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DIST, isWide, launch, openPage, PHONE, screenshot, skip, WIDE } from './chromium.ts';
import { lowContrasts } from './contrast.ts';
import { makeAnomaly } from './fake-company.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

const MINUTE_MS = 60_000;
const LAST = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;

let browser: Browser;
let server: FakeServer;
before(async () => {
  if (skip !== false) return;
  browser = await launch();
  const part = { node: { kind: 'merchant', merchant_id: 'm-7' }, slice: { merchant_id: 'm-7', share: 1 }, type: 'low_volume' } as const;
  server = await startFakeServer({
    dist: DIST,
    lastMinute: LAST,
    anomalies: [
      makeAnomaly('an_fleet', LAST - 9 * MINUTE_MS),
      makeAnomaly('an_part', LAST - 7 * MINUTE_MS, { ...part, severity: 'warning' }),
    ],
  });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const row = (page: Page, text: string) => page.locator('.alert-row', { hasText: text });

/** Every button and field that a thumb has to hit, less than 40 px high. */
const smallTargets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main button, main input:not([type=checkbox]), main select, main textarea')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 40)
      .map((element) => element.outerHTML.slice(0, 80)),
  );

test('an alert is acknowledged, snoozed and silenced on its page, with owner and end in sight', { skip }, async () => {
  const { page, errors } = await openPage(browser, WIDE);
  await page.goto(`${server.url}/alerts`);
  const fleet = row(page, 'Negadas acima do normal');
  await fleet.getByRole('button', { name: 'Reconhecer' }).click();
  // Before midnight the end is of another day, in the last night of a year of another year.
  await fleet.getByText(/^Reconhecido por Ana, (?:[\d/]+,? )?\d\d:\d\d; notifica de novo a partir de (?:[\d/]+,? )?\d\d:\d\d/).waitFor();
  assert.match((await page.locator('.alert-row').first().innerText()) ?? '', /Volume baixo/, 'what nobody owns stands first');
  await fleet.getByRole('button', { name: 'Soneca 15 min' }).click();
  await fleet.getByText(/^Em soneca até .*, por Ana$/).waitFor();
  await fleet.getByRole('button', { name: 'Encerrar soneca' }).click();
  await fleet.getByRole('button', { name: 'Desfazer reconhecimento' }).click();
  await fleet.getByRole('button', { name: 'Reconhecer' }).waitFor();

  await row(page, 'Volume baixo').getByRole('button', { name: 'Silenciar a causa…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Motivo').fill('4711');
  await dialog.getByRole('button', { name: 'Silenciar' }).click();
  await dialog.getByText('Não foi registrado: reason: diga mais').waitFor();
  await screenshot(page, 'wide-silence-dialog', false);
  await dialog.getByLabel('Motivo').fill('lojista em migração');
  await dialog.getByRole('button', { name: 'Silenciar' }).click();
  await row(page, 'Volume baixo')
    .getByText(/^Silenciado por Ana até .*: lojista em migração$/)
    .waitFor();
  assert.deepEqual(await lowContrasts(page), []);
  await screenshot(page, 'wide-alerts');
  assert.deepEqual(errors, []);
});

test('the keys acknowledge and snooze the alert of the anomaly that is open', { skip }, async () => {
  const { page, errors } = await openPage(browser, WIDE);
  await page.goto(`${server.url}/anomalies/an_fleet`);
  await page.getByRole('button', { name: 'Reconhecer' }).waitFor();
  await page.keyboard.press('a');
  await page.getByText(/^Reconhecido por Ana, /).waitFor();
  await page.keyboard.press('s');
  await page.getByText(/^Em soneca até .*, por Ana$/).waitFor();
  assert.match(await page.locator('#an_fleet .row-what').innerText(), /Reconhecido: Ana[\s\S]*Em soneca/);
  await page.getByRole('button', { name: 'Encerrar soneca' }).click();
  await page.getByRole('button', { name: 'Desfazer reconhecimento' }).click();
  await page.getByRole('button', { name: 'Reconhecer' }).waitFor();
  assert.deepEqual(errors, []);
});

for (const locale of ['pt-BR', 'en'] as const) {
  test(`silences and maintenance have a page of their own, on a phone, in ${locale}`, { skip }, async () => {
    const { page, errors } = await openPage(browser, PHONE);
    await page.addInitScript((chosen) => localStorage.setItem('guardian.locale', chosen), locale);
    await page.goto(`${server.url}/silences`);
    const words =
      locale === 'en'
        ? {
            made: 'New silence',
            make: 'Silence',
            matchers: /^Matchers/,
            reason: 'Reason',
            plan: 'New window',
            name: 'Name',
            day: 'Day',
            go: 'Plan',
            end: 'End now',
          }
        : {
            made: 'Novo silêncio',
            make: 'Silenciar',
            matchers: /^Condições/,
            reason: 'Motivo',
            plan: 'Nova janela',
            name: 'Nome',
            day: 'Dia',
            go: 'Planejar',
            end: 'Encerrar agora',
          };
    await page.getByText(words.made).click();
    const form = page.locator('form').first();
    await form.getByLabel(words.matchers).fill(`merchant_id="m-${locale}"`);
    await form.getByLabel(words.reason).fill('x');
    assert.equal(await isWide(page), false, 'nothing is wider than the phone');
    assert.deepEqual(await smallTargets(page), []);
    await screenshot(page, `phone-silence-form-${locale}`);
    await form.getByRole('button', { name: words.make, exact: true }).click();
    await page.getByText(`${locale === 'en' ? 'merchant' : 'lojista'}: m-${locale}`).waitFor();

    await page.getByText(words.plan).click();
    const planning = page.locator('form').last();
    await planning.getByLabel(words.name).fill('virada');
    await planning.getByLabel(words.matchers).fill('acquirer="rede"');
    await planning.getByLabel(words.day).fill('2026-11-29');
    await screenshot(page, `phone-maintenance-form-${locale}`);
    await planning.getByRole('button', { name: words.go }).click();
    await page.getByText('virada').first().waitFor();
    assert.deepEqual(await lowContrasts(page), []);
    assert.equal(await isWide(page), false, 'nothing is wider than the phone');
    await screenshot(page, `phone-silences-${locale}`);
    const mine = page.locator('.held-row', { hasText: `merchant_id="m-${locale}"` });
    await mine.getByRole('button', { name: words.end }).click();
    await mine.getByRole('button', { name: words.end }).waitFor({ state: 'detached' });

    await page.goto(`${server.url}/alerts`);
    await page.locator('.respond-buttons').first().waitFor();
    assert.equal(await isWide(page), false, 'nothing is wider than the phone');
    assert.deepEqual(await smallTargets(page), []);
    await screenshot(page, `phone-alerts-${locale}`);
    await page
      .getByRole('button', { name: /Silenciar a causa|Silence the cause/ })
      .first()
      .click();
    const box = await page.getByRole('dialog').boundingBox();
    assert.ok(box !== null && box.x >= 0 && box.x + box.width <= PHONE.width, `the dialog fits: ${JSON.stringify(box)}`);
    await screenshot(page, `phone-dialog-${locale}`, false);
    assert.deepEqual(errors, []);
  });
}
