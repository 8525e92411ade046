/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const CHROMIUM_PATH = '/usr/bin/chromium';

/** The built console. */
export const DIST = new URL('../../web/dist/', import.meta.url).pathname;

/** Why the tests of the console cannot run here; false when they can. */
export const skip = !existsSync(CHROMIUM_PATH)
  ? `Chromium is not installed at ${CHROMIUM_PATH}`
  : !existsSync(join(DIST, 'index.html'))
    ? 'web/dist is not built: npm run build -w web'
    : false;

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** How long a page may take for one thing, milliseconds: a machine with other work is ten times slower. */
const PATIENCE_MS = 120_000;
const SCREENSHOTS = new URL('../screenshots/', import.meta.url);

export const WIDE = { width: 1440, height: 1000 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** The installed Chromium, without a window. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM_PATH, args: ARGS });
}

/** A page that notes every error of its console; `errors` leaves out failed requests while the server was cut. */
export async function openPage(
  browser: Browser,
  viewport: { readonly width: number; readonly height: number },
  scheme: 'dark' | 'light' = 'dark',
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport, colorScheme: scheme, locale: 'pt-BR', hasTouch: viewport.width < 500 });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    const isNetwork = /Failed to load resource|net::ERR_/.test(message.text());
    if (message.type() === 'error' && !isNetwork) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return { page, errors };
}

/** Opens the menu of the header: the pages that do not stand in the bar, the language, the help. */
export const openMenu = (page: Page): Promise<void> => page.getByRole('button', { name: /mais páginas|more pages/ }).click();

/** Whether the page is wider than its window. */
export const isWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** Keeps a picture for people to look at (git-ignored). */
export async function screenshot(page: Page, name: string, fullPage = true): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: new URL(`${name}.png`, SCREENSHOTS).pathname, fullPage, animations: 'disabled' });
}
