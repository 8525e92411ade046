import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import type { Browser } from 'playwright-core';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
import { launch } from './chromium.ts';

const MINUTES = 240;
const CALM = 130;
const START = Date.parse('2025-07-12T12:00:00Z');

/** Settings with Ana, an operator who writes by Telegram. */
export const ANA = `
people:
  - id: ana
    name: Ana Souza
    language: pt-BR
    roles: [operator]
    identities: ['telegram:777']
`;

/** The real program with an alert that fires, and a browser. */
export interface Alerting {
  readonly product: Product;
  readonly browser: Browser;
  readonly dataDir: string;
  readonly alert: AlertPage['items'][number];
  /** Sends the rest of the traffic: the alert ends. */
  calmDown(): Promise<void>;
  close(): Promise<void>;
}

/** Starts both. `settings`: of the program, as YAML. */
export async function startAlerting(settings: string): Promise<Alerting> {
  const dir = await mkdtemp(join(tmpdir(), 'guardian-pages-'));
  const [file, dataDir] = [join(dir, 'guardian.yaml'), join(dir, 'data')];
  await writeFile(file, settings);
  const product = await startProduct(dataDir, ['--config', file]);
  const browser = await launch();
  const close = async (): Promise<void> => {
    await browser.close();
    if (product.process.exitCode === null) await product.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 7 });
  const perMinute = lines.length / MINUTES;
  const send = async (part: readonly string[]): Promise<void> => {
    const { status } = await product.post('/transactions/batch', part.join('\n'), { 'content-type': 'application/x-ndjson' });
    assert.equal(status < 300, true);
  };
  try {
    await send(lines.slice(0, CALM * perMinute));
    const alert = await waitFor(async () => (await product.get<AlertPage>('/alerts')).items[0]);
    return { product, browser, dataDir, alert, calmDown: () => send(lines.slice(CALM * perMinute)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
