/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { axeFindings } from './axe.ts';
import { DIST, isWide, launch, openMenu, openPage, PHONE, screenshot, skip } from './chromium.ts';
import { makeAnomaly } from './fake-company.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

const LAST = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
const DESK = { width: 1280, height: 800 } as const;

let browser: Browser;
let server: FakeServer;
before(async () => {
  if (skip !== false) return;
  browser = await launch();
  server = await startFakeServer({ dist: DIST, lastMinute: LAST, anomalies: [makeAnomaly('an_now', LAST)] });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** A page of somebody with this role. */
async function openAs(role: string, path: string, viewport: typeof DESK | typeof PHONE = DESK): Promise<Page> {
  const { page } = await openPage(browser, viewport);
  // However long a test takes, the minutes of the server do not grow old.
  await page.clock.setFixedTime(LAST + 65_000);
  const actor = { id: 'ana', name: 'Ana', role };
  await page.route('**/api/v1/session', (route) => route.fulfill({ json: { authenticated: true, id: null, expires_at: null, actor } }));
  await page.goto(server.url + path);
  await page.locator('.badge-connecting').waitFor({ state: 'detached' });
  return page;
}

/** What does not stand beside the rest of the header, or is cut off by the window. */
const strays = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const parts = [...document.querySelectorAll<HTMLElement>('.top > :not(.skip), .top-tools > :not(.menu)')]
      .filter((part) => getComputedStyle(part).position !== 'fixed' && part.checkVisibility())
      .map((part) => ({ name: part.className, box: part.getBoundingClientRect() }));
    const middle = Math.max(...parts.map(({ box }) => box.top));
    return parts
      .filter(({ box }) => box.bottom < middle || box.right > innerWidth || box.left < 0)
      .map(({ name }) => name)
      .concat((document.querySelector<HTMLElement>('.top')?.offsetHeight ?? 99) > 70 ? ['higher than a row'] : []);
  });

/** Badges whose text does not fit. */
const cutBadges = (page: Page): Promise<readonly (string | null)[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.badge, .badge span')]
      .filter((badge) => badge.scrollWidth > badge.clientWidth && badge.clientWidth > 0)
      .map(({ textContent }) => textContent),
  );

test('the header stands in one row at 1280 and 390 px, whatever the state of the stream, in both languages', { skip }, async () => {
  for (const viewport of [DESK, PHONE]) {
    const page = await openAs('admin', '/', viewport);
    for (const language of ['PT', 'EN']) {
      await openMenu(page);
      await page.getByRole('button', { name: language, exact: true }).click();
      await page.keyboard.press('Escape');
      for (const fields of [
        {},
        { stream: 'replay', demo_speed: 60 },
        { stream: 'stalled', demo_speed: 60 },
        { judged: 'behind', minutes_behind: 12, demo_speed: 60 },
      ] as const) {
        server.setStats(fields);
        await page
          .locator(`.badge-${'stream' in fields ? fields.stream : 'judged' in fields ? 'behind' : 'live'}`)
          .first()
          .waitFor();
        if ('stream' in fields && fields.stream === 'replay') assert.deepEqual(await cutBadges(page), []);
        assert.deepEqual(await strays(page), [], `${viewport.width} px, ${language}, ${JSON.stringify(fields)}`);
        assert.equal(await isWide(page), false);
      }
      await screenshot(page, `header-${viewport.width}-${language}`, false);
    }
    server.setStats({});
    await page.context().close();
  }
});

test('the menu opens, moves and closes by the keyboard, and axe finds nothing on it', { skip }, async () => {
  const page = await openAs('admin', '/alerts');
  const menu = page.getByRole('button', { name: 'mais páginas, ajuda e idioma' });
  await menu.focus();
  await page.keyboard.press('Enter');
  const silences = page.getByRole('link', { name: 'Silêncios' });
  await silences.waitFor();
  assert.equal(await menu.getAttribute('aria-expanded'), 'true');
  assert.deepEqual(await axeFindings(page), []);
  await screenshot(page, 'menu', false);
  await page.keyboard.press('2');
  assert.equal(new URL(page.url()).search, '', 'no key of the page acts while the menu is open');
  await page.keyboard.press('Escape');
  await silences.waitFor({ state: 'hidden' });
  assert.equal(await menu.evaluate((element) => element === document.activeElement), true, 'the focus is back');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Silêncios');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/silences');
  await silences.waitFor({ state: 'hidden' });
  assert.equal(await page.title(), '(1) Silêncios · Transaction Guardian');
  await page.context().close();
});

test('the audit is offered to an admin only; a direct link says who may read it', { skip }, async () => {
  const page = await openAs('operator', '/audit');
  await page.getByText('Só quem tem o papel de administrador (admin) lê a auditoria. Você entrou como Ana: operador (operator).').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await openMenu(page);
  await page.getByRole('link', { name: 'Silêncios' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Auditoria' }).count(), 0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('audit');
  await page.getByRole('option', { name: /^Ação/ }).waitFor();
  assert.equal(await page.getByRole('option', { name: 'Auditoria', exact: false }).filter({ hasText: 'Página' }).count(), 0);
  await page.context().close();
});

test('a viewer is offered no act, and no key acts', { skip }, async () => {
  const page = await openAs('viewer', '/alerts/an_now');
  const acts: string[] = [];
  page.on('request', (request) => void (request.method() === 'GET' || acts.push(request.url())));
  await page.keyboard.press('a');
  await page.keyboard.press('s');
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Atalhos do teclado' }).waitFor();
  assert.equal(await page.getByText('reconhecer, soneca, runbook').count(), 0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: /Alertas/ }).waitFor();
  assert.equal(await page.getByRole('option', { name: /Reconhecer/ }).count(), 0);
  assert.deepEqual(acts, []);
  await page.context().close();
});
