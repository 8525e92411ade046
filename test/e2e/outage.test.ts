import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { startProduct, startReceiver, waitFor, type Product } from './product.ts';
import { incidentMinutes } from './traffic.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };

test(
  'a receivers is notified once that it fires and once that it is over, whatever is killed in between',
  { timeout: 900_000 },
  async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'guardian-outage-'));
    const receiver = await startReceiver();
    t.after(() => receiver.down());
    t.after(() => rm(root, { recursive: true, force: true }));
    const settings = join(root, 'guardian.yaml');
    await writeFile(
      settings,
      `briefing: { shifts: [] }\nalert:\n  group_wait_s: 0.3\n  group_interval_s: 1\n  repeat_interval_s: 3600\n  receivers:\n    - name: night-shift\n      url: ${receiver.url}\n      token: phone-token\n`,
    );
    const lines = incidentMinutes({ start: START, minutes: 200, seed: 3 });
    const perMinute = lines.length / 200;
    const start = (): Promise<Product> => startProduct(join(root, 'data'), ['--config', settings]);

    let product = await start();
    await product.post('/transactions/batch', lines.slice(0, 112 * perMinute).join('\n'), NDJSON);
    await waitFor(async () => (receiver.bodies.length > 0 ? true : undefined));
    assert.equal(receiver.bodies[0]?.status, 'firing');
    assert.equal(receiver.headers[0]?.['authorization'], 'Bearer phone-token');

    await product.kill();
    await receiver.down();
    product = await start();
    await product.post('/transactions/batch', lines.slice(112 * perMinute).join('\n'), NDJSON);
    await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + 200 * 60_000 + 90_000).toISOString() }));
    // The receiver is away while the end is due.
    await waitFor(async () => {
      const { checks } = await product.get<Health>('/health');
      const { items } = await product.get<AlertPage>('/alerts');
      return checks['receiver:night-shift']?.status === 'degraded' && items.length === 0 ? true : undefined;
    });
    await product.kill();
    await receiver.up();
    product = await start();
    t.after(() => product.stop());
    await waitFor(async () => (receiver.bodies.some(({ status }) => status === 'resolved') ? true : undefined));
    await sleep(3000); // Three group intervals: nothing more may come.

    const groups = new Set(receiver.bodies.map(({ groupKey }) => groupKey));
    for (const groupKey of groups) {
      const ids = new Set(
        receiver.bodies.flatMap((body, index) =>
          body.groupKey === groupKey && body.status === 'resolved' ? [receiver.headers[index]?.['x-guardian-notification-id']] : [],
        ),
      );
      assert.equal(
        ids.size,
        1,
        `one resolved message for ${groupKey}: ${JSON.stringify(receiver.bodies.map(({ status, groupKey: key }) => [status, key]))}`,
      );
    }
    assert.equal(receiver.bodies.at(-1)?.status, 'resolved');
    assert.ok(receiver.bodies.length <= 4, `few messages, not ${receiver.bodies.length}`);
  },
);
