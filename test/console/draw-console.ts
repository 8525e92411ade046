// Draws docs/images/console.png and phone.png: node test/console/draw-console.ts
// The demonstration (`npm start -- --demo`) some minutes into its first critical incident: the overview in English, and the alert as its link
// opens it on a phone, in Portuguese. Needs Chromium.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startProduct } from '../e2e/product.ts';
import { launch, PHONE } from './chromium.ts';

const pictureAt = (name: string): string => new URL(`../../docs/images/${name}`, import.meta.url).pathname;
const WAIT_MS = 900_000;
/** Three minutes of the demonstration. */
const INTO_MS = 3000;

const dir = await mkdtemp(join(tmpdir(), 'guardian-draw-'));
const product = await startProduct(dir, ['--demo']);
const browser = await launch();
try {
  const address = /http:\/\/\S+\?token=\S+/.exec(product.output())?.[0] ?? '';
  const wide = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'en-US' });
  const overview = await wide.newPage();
  await overview.goto(address);
  await overview.locator('.badge-replay').waitFor({ timeout: WAIT_MS });
  const phone = await browser.newContext({
    ...{ viewport: PHONE, deviceScaleFactor: 2, hasTouch: true, colorScheme: 'dark', locale: 'pt-BR' },
    storageState: await wide.storageState(),
  });
  const alert = await phone.newPage();
  await alert.goto(`${new URL(address).origin}/alerts`);
  await Promise.all([
    overview
      .getByText(/^Critical: /)
      .waitFor({ timeout: WAIT_MS })
      .then(() => drawn(overview, 'console.png')),
    alert
      .locator('a[href^="/alerts/"]')
      .first()
      .click({ timeout: WAIT_MS })
      .then(() => drawn(alert, 'phone.png')),
  ]);
} finally {
  await browser.close();
  await product.stop();
  await rm(dir, { recursive: true, force: true });
}

async function drawn(page: Page, name: string): Promise<void> {
  await page.locator('.plot-host canvas').first().waitFor();
  await sleep(INTO_MS);
  await page.screenshot({ path: pictureAt(name) });
}
