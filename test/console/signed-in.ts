/// <reference lib="dom" />
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { startAlerting, type Alerting } from './alerting.ts';
import { axeFindings } from './axe.ts';
import { isWide, openPage, PHONE, screenshot, WIDE } from './chromium.ts';

/** The real program with an alert that fires, and a browser that is signed in to it. */
export interface SignedIn extends Alerting {
  readonly page: Page;
  /** Errors of the page's console so far. */
  readonly errors: readonly string[];
}

/** Starts both; they end with the test. `settings`: of the program, as YAML. */
export async function signIn(t: TestContext, settings = '{}'): Promise<SignedIn> {
  const alerting = await startAlerting(settings);
  t.after(alerting.close);
  const { page, errors } = await openPage(alerting.browser, WIDE);
  await page.goto(/http:\/\/\S+\?token=\S+/.exec(alerting.product.output())?.[0] ?? '');
  await page.getByRole('navigation', { name: 'Páginas' }).waitFor();
  return { ...alerting, page, errors };
}

/** Every button, field and link of a list that a thumb has to hit, less than 40 px high. What a chart has is a finer point of it. */
const smallTargets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main button, main input:not([type=checkbox]), main select, main textarea, main nav a, .pages a')]
      .filter((element) => element.closest('.legend, .segments, .mark, .situation') === null)
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 40)
      .map((element) => element.outerHTML.slice(0, 80)),
  );

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
