// Draws docs/images/console.png: node test/console/draw-console.ts
// The demonstration (`npm start -- --demo`) in English, some minutes into its first critical incident. Needs Chromium.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProduct } from '../e2e/product.ts';
import { launch } from './chromium.ts';

const PICTURE = new URL('../../docs/images/console.png', import.meta.url).pathname;
const WAIT_MS = 900_000;
/** Three minutes of the demonstration. */
const INTO_MS = 3000;

const dir = await mkdtemp(join(tmpdir(), 'guardian-draw-'));
const product = await startProduct(dir, ['--demo']);
const browser = await launch();
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(/http:\/\/\S+\?token=\S+/.exec(product.output())?.[0] ?? '');
  await page.getByText(/^Critical: /).waitFor({ timeout: WAIT_MS });
  await page.locator('.plot-host canvas').first().waitFor();
  await sleep(INTO_MS);
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await product.stop();
  await rm(dir, { recursive: true, force: true });
}
