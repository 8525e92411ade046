/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import type { Browser, Page } from 'playwright-core';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { axeFindings } from './axe.ts';
import { launch, openPage, PHONE, screenshot, WIDE } from './chromium.ts';

const MINUTES = 240;
const CALM = 130;
const START = Date.parse('2025-07-12T12:00:00Z');

/** The real program with an alert that fires, and a browser that is signed in to it. */
export interface SignedIn {
  readonly product: Product;
  readonly browser: Browser;
  readonly dataDir: string;
  readonly page: Page;
  /** Errors of the page's console so far. */
  readonly errors: readonly string[];
  /** Sends the rest of the traffic: the alert ends. */
  calmDown(): Promise<void>;
}

/** Starts both; they end with the test. `settings`: of the program, as YAML. */
export async function signIn(t: TestContext, settings = '{}'): Promise<SignedIn> {
  const dir = await mkdtemp(join(tmpdir(), 'guardian-pages-'));
  const file = join(dir, 'guardian.yaml');
  await writeFile(file, settings);
  const product = await startProduct(join(dir, 'data'), ['--config', file]);
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    if (product.process.exitCode === null) await product.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 7 });
  const perMinute = lines.length / MINUTES;
  const send = async (part: readonly string[]) => {
    const { status } = await product.post('/transactions/batch', part.join('\n'), { 'content-type': 'application/x-ndjson' });
    assert.equal(status < 300, true);
  };
  await send(lines.slice(0, CALM * perMinute));
  await waitFor(async () => {
    const { items } = await product.get<AlertPage>('/alerts');
    return items.length > 0 ? items : undefined;
  });
  const { page, errors } = await openPage(browser, WIDE);
  await page.goto(/http:\/\/\S+\?token=\S+/.exec(product.output())?.[0] ?? '');
  await page.getByRole('navigation', { name: 'Páginas' }).waitFor();
  return { product, browser, dataDir: join(dir, 'data'), page, errors, calmDown: () => send(lines.slice(CALM * perMinute)) };
}

/** Every button, field and link of a list that a thumb has to hit, less than 40 px high. What a chart has is a finer point of it. */
const smallTargets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main button, main input:not([type=checkbox]), main select, main textarea, main nav a, .pages a')]
      .filter((element) => element.closest('.legend, .segments, .mark, .situation') === null)
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 40)
      .map((element) => element.outerHTML.slice(0, 80)),
  );

const isWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** Looks at the page as people do: on a desk and on a phone, dark and light, and asks axe each time. Leaves it as it was. */
export async function lookAt(page: Page, name: string): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [size, viewport] of [
      ['wide', WIDE],
      ['phone', PHONE],
    ] as const) {
      await page.setViewportSize(viewport);
      await screenshot(page, `${name}-${size}-${scheme}`);
      assert.deepEqual(await axeFindings(page), [], `${name}, ${size}, ${scheme}`);
      assert.equal(await isWide(page), false, `${name} is wider than the ${size} window`);
      if (viewport === PHONE) assert.deepEqual(await smallTargets(page), [], name);
    }
  }
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'dark' });
}
