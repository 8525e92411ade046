import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Briefing, BriefingPage } from '@transaction-guardian/contracts/briefing.ts';
import { startProduct, startReceiver, waitFor, type Product, type Receiver } from './product.ts';
import { incidentMinutes } from './traffic.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };
const MINUTE = 60_000;
const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);

/** What a receiver took, by the id that tells a repeat from another message. */
const idsOf = ({ bodies, headers }: Receiver, scope: string, wanted: 'firing' | 'resolved' = 'firing'): string[] =>
  bodies.flatMap(({ groupKey, status }, at) =>
    groupKey.includes(scope) && status === wanted ? [String(headers[at]?.['x-guardian-notification'])] : [],
  );

/** Kills the product soon after `seen` and starts it again, `times` times. */
async function killAround(product: Product, start: () => Promise<Product>, seen: () => boolean, times: number): Promise<Product> {
  let running = product;
  for (let round = 0; round < times; round += 1) {
    if (round === 0) await waitFor(async () => (seen() ? true : undefined));
    else await delay(300 * round);
    await running.kill();
    running = await start();
  }
  return running;
}

test(
  'killed in the middle of a briefing, of its acceptance and of an escalation: nothing twice, nothing lost, nothing stuck',
  { timeout: 900_000 },
  async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'guardian-shift-'));
    const [night, boss] = [await startReceiver(), await startReceiver()];
    t.after(() => Promise.all([night.down(), boss.down()]));
    t.after(() => rm(root, { recursive: true, force: true }));
    const dataDir = join(root, 'data');
    // The shift begins after the program has recorded that it runs, however long a start takes; the one before it ended earlier.
    await (await startProduct(dataDir)).stop();
    const begins = Math.ceil((Date.now() + 40_000) / MINUTE) * MINUTE;
    const settings = join(root, 'guardian.yaml');
    await writeFile(
      settings,
      `time_zone: UTC
alert:
  group_wait_s: 0.3
  receivers:
    - { name: night, url: '${night.url}' }
    - { name: boss, url: '${boss.url}', severities: [info], briefings: false, silence_notices: false }
oncall:
  escalation:
    - { severities: [critical], steps: [{ after_minutes: 0, receivers: [boss] }, { after_minutes: 0.2, receivers: [boss] }] }
briefing:
  shifts: [{ name: test, start: '${clock(begins)}', end: '${clock(begins - 60 * MINUTE)}' }]
`,
    );
    const start = (): Promise<Product> => startProduct(dataDir, ['--config', settings]);
    let product = await start();
    t.after(() => product.kill());
    const lines = incidentMinutes({ start: START, minutes: 150, seed: 3, incidentMinutes: 200 });
    assert.equal((await product.post('/transactions/batch', lines.join('\n'), NDJSON)).status, 202);

    product = await killAround(product, start, () => idsOf(boss, 'escalation').length > 0, 3);
    await waitFor(async () => (new Set(idsOf(boss, 'escalation')).size >= 2 ? true : undefined));
    product = await killAround(product, start, () => idsOf(night, 'briefing').length > 0, 3);
    await waitFor(async () => {
      const { items } = await product.get<BriefingPage>('/api/v1/briefings');
      return items.length > 0 ? true : undefined;
    });
    // Three looks of both stages later there is still one briefing, and two steps.
    await delay(16_000);
    const { items } = await product.get<BriefingPage>('/api/v1/briefings');
    assert.equal(items.filter(({ kind }: Briefing) => kind === 'start').length, 1);
    assert.deepEqual(new Set(idsOf(night, 'briefing')).size, 1, 'one message, whatever was sent again');
    assert.equal(new Set(idsOf(boss, 'escalation')).size, 2, 'two steps');
    // Killed while it is accepted: whether that was written or not, accepting it again is one acceptance.
    const accept = () => product.act(`/api/v1/briefings/${items[0]?.id ?? ''}/accept`, '{}');
    const cut = accept().catch(() => null);
    await delay(8);
    await product.kill();
    await cut;
    product = await start();
    const answer = await accept();
    assert.equal(answer.status, 200, await answer.clone().text());
    await waitFor(async () => (idsOf(night, 'briefing', 'resolved').length > 0 ? true : undefined));
    await delay(6000);
    assert.equal(new Set(idsOf(night, 'briefing', 'resolved')).size, 1, 'one message that it is accepted');
  },
);
