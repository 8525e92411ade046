/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import type { Browser, Page } from 'playwright-core';
import { axeFindings } from './axe.ts';
import { DIST, isWide, launch, openPage, PHONE, screenshot, skip, WIDE } from './chromium.ts';
import { makeAnomaly } from './fake-company.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

const MINUTE_MS = 60_000;
const LAST = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
const LANGUAGES = ['PT', 'EN'] as const;
/** One transparent point. */
const POINT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const ANSWER: ChatAnswer = {
  blocks: [
    { type: 'text', text: '🔴 Negadas acima do normal #1\n├── Severidade: Crítico\nhttps://guardian.example/anomalies/an_1', line: 1 },
  ],
  buttons: [
    { label: 'Reconhecer 1', text: 'ack 1', style: 'primary' },
    { label: 'Confirmar', text: 'confirmar X', style: 'danger' },
    { label: 'Soneca 1', text: 'soneca 1', style: 'normal' },
  ],
  follow_ups: ['por quê 1', 'andamento'],
  attachments: [{ type: 'image/png', name: 'x.png', description: 'Taxa de aprovação: 65%', width: 1, height: 1, data: POINT }],
  more: true,
  locale: 'pt-BR',
};
const at = (minutes: number): string => new Date(Date.now() + minutes * MINUTE_MS).toISOString();
const ACCESS = {
  links: [
    {
      kind: 'code',
      id: 'c1',
      person: 'ana',
      person_name: 'Ana',
      made_by: 'ana',
      made_by_name: 'Ana',
      made_at: at(-1),
      expires_at: at(4),
      used_at: null,
      revoked_at: null,
    },
    {
      kind: 'link',
      id: 'l1',
      person: 'ana',
      person_name: 'Ana',
      made_by: 'bruno',
      made_by_name: 'Bruno',
      made_at: at(-30),
      expires_at: at(-15),
      used_at: at(-29),
      revoked_at: null,
    },
  ],
  sessions: [
    {
      id: 's1',
      actor: 'ana',
      actor_name: 'Ana',
      link: 'l1',
      opened_at: at(-29),
      expires_at: at(600),
      address: '192.0.2.1',
      ended_at: null,
    },
    { id: 's2', actor: 'ana', actor_name: 'Ana', link: null, opened_at: at(-60), expires_at: at(500), address: null, ended_at: at(-2) },
  ],
};

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

/** Asks axe about what is open, dark and light, wide and on a phone. */
async function look(page: Page, name: string): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const [size, viewport] of [
      ['wide', WIDE],
      ['phone', PHONE],
    ] as const) {
      await page.setViewportSize(viewport);
      await screenshot(page, `${name}-${size}-${scheme}`, false);
      assert.deepEqual(await axeFindings(page), [], `${name}, ${size}, ${scheme}`);
      assert.equal(await isWide(page), false, `${name} is wider than the ${size} window`);
    }
  }
  await page.setViewportSize(WIDE);
}

async function open(path: string, language: (typeof LANGUAGES)[number]): Promise<Page> {
  const { page } = await openPage(browser, WIDE);
  await page.route('**/api/v1/chat', (route) => route.fulfill({ json: ANSWER }));
  await page.route('**/api/v1/access', (route) => route.fulfill({ json: ACCESS }));
  await page.route('**/api/v1/session', (route) =>
    route.fulfill({ json: { authenticated: true, id: 's1', expires_at: at(600), actor: { id: 'ana', name: 'Ana', role: 'operator' } } }),
  );
  await page.route('**/api/v1/access/codes', (route) =>
    route.fulfill({ json: { id: 'c2', person: 'ana', code: '7K3M-9QXA', expires_at: at(5) } }),
  );
  await page.addInitScript((chosen) => localStorage.setItem('guardian.locale', chosen), language === 'EN' ? 'en' : 'pt-BR');
  await page.goto(server.url + path);
  await page.locator('nav.pages').waitFor();
  return page;
}

for (const language of LANGUAGES) {
  test(`axe finds nothing on palette, chat, settings and help in ${language}`, { skip, timeout: 600_000 }, async () => {
    const page = await open('/anomalies/an_now', language);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('a');
    await page.getByRole('option').first().waitFor();
    await look(page, `palette-${language}`);
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.locator('dialog.help[open]').waitFor();
    await look(page, `help-${language}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('c');
    await page.locator('.chat').waitFor();
    await look(page, `chat-empty-${language}`);
    await page.locator('.chat textarea').fill('alertas');
    await page.keyboard.press('Enter');
    await page.locator('.chat img').waitFor();
    await look(page, `chat-${language}`);
    await page.route('**/api/v1/chat', (route) => route.abort());
    await page.locator('.chat textarea').fill('status');
    await page.keyboard.press('Enter');
    await page.locator('.chat-failure').waitFor();
    await look(page, `chat-failure-${language}`);
    await page.goto(`${server.url}/settings`);
    await page.locator('.settings-part .check input').first().check();
    await page.locator('.settings-part').nth(1).getByRole('button').click();
    await page.locator('.settings-part').nth(2).getByRole('button').click();
    await page.locator('.code-letters').waitFor();
    await look(page, `settings-${language}`);
    await page.context().close();
  });

  test(`axe finds nothing on the page without a session in ${language}`, { skip, timeout: 600_000 }, async () => {
    const closed = await startFakeServer({ dist: DIST, lastMinute: LAST, requireSession: true });
    try {
      const { page } = await openPage(browser, WIDE);
      await page.route('**/api/v1/session', (route) => route.fulfill({ status: 401, json: { detail: 'Este código não é válido' } }));
      await page.goto(`${closed.url}/anomalies/an_now?token=used`);
      await page.getByRole('button', { name: language, exact: true }).click();
      await page.locator('#code').fill('2222-2222');
      await page.keyboard.press('Enter');
      await page.locator('#code-said').filter({ hasText: 'código' }).waitFor();
      await look(page, `sign-in-${language}`);
      await page.context().close();
    } finally {
      await closed.close();
    }
  });
}
