import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import type { SilencePage } from '@transaction-guardian/contracts/silence.ts';
import { runGuardian, startProduct, startReceiver, waitFor, type Product, type Receiver } from './product.ts';
import { incidentMinutes } from './traffic.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };
const MINUTES = 200;

/** What a receiver was sent about traffic: its notices apart. */
const statuses = ({ bodies }: Receiver): string[] =>
  bodies.filter(({ groupKey }) => !groupKey.includes('silence')).map(({ status }) => status);
const notices = ({ bodies }: Receiver): string[] =>
  bodies.filter(({ groupKey }) => groupKey.includes('silence')).map(({ status }) => status);

/** Owners of alerts, as the event stream says them. */
function heardOnStream(address: string, signal: AbortSignal): { readonly owners: (string | undefined)[] } {
  const owners: (string | undefined)[] = [];
  const listen = async () => {
    const { body } = await fetch(`${address}/stream`, { signal });
    let text = '';
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events)
        if (/^event: alert$/m.test(event))
          owners.push((JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '{}') as AlertView).acknowledged_by?.id);
    }
  };
  listen().catch(() => undefined);
  return { owners };
}

test('what people do about an alert holds over kill -9, by the command line and by the API', { timeout: 900_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'guardian-respond-'));
  const receiver = await startReceiver();
  t.after(() => receiver.down());
  t.after(() => rm(root, { recursive: true, force: true }));
  const settings = join(root, 'guardian.yaml');
  await writeFile(
    settings,
    `locale: en\nbriefing: { shifts: [] }\nalert: { group_wait_s: 0.3, group_interval_s: 0.5, repeat_interval_s: 1, receivers: [{ name: night, url: '${receiver.url}' }] }\n`,
  );
  const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 3 });
  const perMinute = lines.length / MINUTES;
  const dataDir = join(root, 'data');
  const start = (): Promise<Product> => startProduct(dataDir, ['--config', settings]);
  const guardian = async (...args: string[]): Promise<string> => {
    const { code, output } = await runGuardian([...args, '--config', settings, '--set', `data_dir=${dataDir}`]);
    assert.equal(code, 0, output);
    return output;
  };
  const firing = async (from: Product) => (await from.get<AlertPage>('/alerts')).items;

  let product = await start();
  t.after(() => (product.process.exitCode === null ? product.stop() : undefined));
  await product.post('/transactions/batch', lines.slice(0, 112 * perMinute).join('\n'), NDJSON);
  const alert = await waitFor(async () => (await firing(product))[0]);
  await waitFor(async () => (statuses(receiver).length >= 2 ? true : undefined));
  assert.deepEqual(new Set(statuses(receiver)), new Set(['firing']), 'it repeats every second');

  const listening = new AbortController();
  const heard = heardOnStream(product.address, listening.signal);
  const said = await guardian('ack', alert.anomaly_id, '--comment', 'calling the acquirer');
  assert.match(said, /Acknowledged by .*; notifies again from .* if it still fires/);
  await waitFor(async () => (heard.owners.includes('local') ? true : undefined));
  listening.abort();
  const before = statuses(receiver).length;
  await product.kill();
  product = await start();
  const owner = (await firing(product))[0]?.acknowledged_by;
  assert.equal(owner?.id, 'local');
  // A silence of something else: its notice comes, so messages flow, and the acknowledged alert is in none of them.
  assert.match(await guardian('silence', 'add', 'merchant_id="m-9"', '--for', '2h', '--reason', 'migration'), /active .*migration/);
  await waitFor(async () => (notices(receiver).length === 1 ? true : undefined));
  assert.ok(statuses(receiver).length <= before + 1, 'at most the message that was on its way at the kill');

  const silence = await product.act('/api/v1/silences', JSON.stringify({ alert_id: alert.fingerprint, minutes: 60, reason: 'known' }));
  assert.equal(silence.status, 201, await silence.clone().text());
  await guardian('ack', alert.anomaly_id, '--undo');
  const held = (await firing(product))[0];
  assert.deepEqual([held?.acknowledged_by, held?.silenced_by.length], [null, 1]);
  await product.kill();
  product = await start();
  const active = await product.get<SilencePage>('/api/v1/silences?status=active');
  const silenced = active.items.find(({ hidden_count: n }) => n > 0);
  assert.equal(silenced?.hidden[0]?.fingerprint, alert.fingerprint);
  const quiet = statuses(receiver).length;
  assert.match(await guardian('silence', 'end', silenced?.id ?? ''), /expired/);
  await waitFor(async () => (statuses(receiver).length > quiet ? true : undefined));
  assert.equal(statuses(receiver).at(-1), 'firing', 'it still burns');
  await waitFor(async () => (notices(receiver).includes('resolved') ? true : undefined));
  assert.match(await guardian('audit', 'verify'), /./);
});
