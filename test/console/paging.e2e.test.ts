/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DIST, launch, openPage, skip, WIDE } from './chromium.ts';
import { makeAnomaly } from './fake-company.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

const MINUTE_MS = 60_000;
const LAST = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;

let browser: Browser;
before(async () => {
  if (skip === false) browser = await launch();
});
after(() => browser?.close());

interface Seen {
  readonly notices: { readonly title: string; readonly body: string }[];
  tones: number;
}

/** A page that notes what its browser is asked to show and to play. */
async function openNoting(server: FakeServer, path = '/'): Promise<Page> {
  const { page } = await openPage(browser, WIDE);
  // However long a test takes, the minutes of the server do not grow old.
  await page.clock.setFixedTime(LAST + 65_000);
  await page.context().grantPermissions(['notifications'], { origin: server.url });
  await page.addInitScript(() => {
    const seen: Seen = { notices: [], tones: 0 };
    Object.assign(globalThis, { seen });
    class NotedNotice extends EventTarget {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(title: string, { body = '' }: NotificationOptions = {}) {
        super();
        seen.notices.push({ title, body });
      }
      close() {}
    }
    Object.assign(globalThis, { Notification: NotedNotice });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function noted(...when) {
      seen.tones += 1;
      start.apply(this, when);
    };
  });
  await page.goto(server.url + path);
  await page.getByRole('navigation', { name: 'Páginas' }).waitFor();
  return page;
}

const seenBy = (page: Page): Promise<Seen> => page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
const noticesOf = async (page: Page, count: number) => {
  await page.waitForFunction((n) => (globalThis as unknown as { seen: Seen }).seen.notices.length >= n, count, { timeout: 120_000 });
  return (await seenBy(page)).notices;
};

/** Waits until the page has what fires on the server, as its tab says: what begins from then on is news. */
const loaded = (page: Page, firing: number) =>
  page.waitForFunction((n) => new RegExp(n === 0 ? String.raw`^(?!\()` : String.raw`^\(${n}`).test(document.title), firing);

async function switchOn(page: Page): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/settings`);
  await page.getByLabel('Som').check();
  await page.getByLabel('Notificação do navegador').check();
}

test('sound and notification are off; the button tests them; they are remembered, and report an alert that begins', { skip }, async () => {
  const server = await startFakeServer({ dist: DIST, lastMinute: LAST });
  try {
    const page = await openNoting(server, '/settings');
    await page.getByRole('button', { name: 'Testar' }).click();
    await page.getByText('Nada está ligado: nada foi testado.').waitFor();
    server.anomaly(makeAnomaly('an_quiet', LAST));
    await switchOn(page);
    await page.getByRole('button', { name: 'Testar' }).click();
    await page.getByText('Teste feito: som tocado, notificação enviada.').waitFor();
    const tested = await seenBy(page);
    assert.deepEqual([tested.notices.map(({ title }) => title), tested.tones], [['Teste do Guardian'], 4]);
    await page.reload();
    assert.equal(await page.getByLabel('Som').isChecked(), true);
    await loaded(page, 1);
    // A touch frees the sound, where the browser wants one.
    await page.getByRole('heading', { name: 'Avisos neste navegador' }).click();
    await page.getByText('O navegador ainda bloqueia o som desta página.').waitFor({ state: 'detached' });
    server.anomaly(makeAnomaly('an_new', LAST + MINUTE_MS));
    const [notice, ...more] = await noticesOf(page, 1);
    assert.match(`${notice?.title}: ${notice?.body}`, /^Negadas acima do normal: .*51/);
    assert.deepEqual(more, [], 'what fired when the page was opened is not news');
    assert.equal((await seenBy(page)).tones, 4);
  } finally {
    await server.close();
  }
});

test('a storm is one notification; a warning, and what somebody has taken, is none', { skip }, async () => {
  const server = await startFakeServer({ dist: DIST, lastMinute: LAST });
  try {
    const page = await openNoting(server, '/settings');
    await switchOn(page);
    await loaded(page, 0);
    server.anomaly(makeAnomaly('an_warning', LAST, { severity: 'warning' }));
    for (let at = 0; at < 40; at++) server.anomaly(makeAnomaly(`an_storm${at}`, LAST));
    const notices = await noticesOf(page, 1);
    assert.deepEqual(
      notices.map(({ title }) => title),
      ['40 alertas críticos'],
    );
  } finally {
    await server.close();
  }
});
