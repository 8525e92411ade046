import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../e2e/free-port.ts';
import { startProduct, startReceiver, waitFor, type Product } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };
const MINUTES = 200;

interface Held {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly status: { readonly state: string; readonly silencedBy: readonly string[] };
}

/** A real Alertmanager that notifies `hook` at once. */
async function startAlertmanager(t: TestContext, folder: string, hook: string, port: number) {
  const config = join(folder, `am-${port}.yml`);
  await writeFile(
    config,
    `route: { receiver: hook, group_by: [service, cause], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }\nreceivers:\n  - name: hook\n    webhook_configs: [{ url: '${hook}' }]\n`,
  );
  const flags = [`--config.file=${config}`, `--storage.path=${join(folder, `am-${port}`)}`, `--web.listen-address=127.0.0.1:${port}`];
  const child: ChildProcess = spawn('prometheus-alertmanager', [...flags, '--cluster.listen-address='], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.on('error', (error) => (output += error.message));
  child.stderr?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  t.after(stop);
  const url = `http://127.0.0.1:${port}`;
  await waitFor(async () => {
    assert.ok(child.exitCode === null && child.pid !== undefined, `${output}; "npm run test:services" installs it`);
    return (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true ? true : undefined;
  });
  return {
    url,
    stop,
    held: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly Held[],
    amtool: async (...args: readonly string[]) =>
      (await promisify(execFile)('amtool', [`--alertmanager.url=${url}`, ...args])).stdout.trim(),
  };
}

test(
  'an outage reaches people through the real Alertmanager; a silence made there is seen here; it survives kill -9, and resolves',
  { timeout: 900_000 },
  async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'guardian-alertmanager-'));
    t.after(() => rm(root, { recursive: true, force: true }));
    const [phone, fallback] = [await startReceiver(), await startReceiver()];
    t.after(() => Promise.all([phone.down(), fallback.down()]));
    const port = await freePort();
    let am = await startAlertmanager(t, root, phone.url, port);
    const gone = await freePort();
    const settings = join(root, 'guardian.yaml');
    await writeFile(
      settings,
      `alert:
  notifier: alertmanager
  alertmanager_refresh_s: 2
  alertmanager_overdue_s: 5
  alertmanagers:
    - { name: am-1, url: "${am.url}" }
    - { name: am-gone, url: "http://127.0.0.1:${gone}" }
  receivers:
    - { name: fallback, url: "${fallback.url}", briefings: false, silence_notices: false }
`,
    );
    const lines = incidentMinutes({ start: START, minutes: MINUTES, seed: 3 });
    const perMinute = lines.length / MINUTES;
    const start = (): Promise<Product> => startProduct(join(root, 'data'), ['--config', settings]);
    let product = await start();
    t.after(() => product.stop());
    await product.post('/transactions/batch', lines.slice(0, 112 * perMinute).join('\n'), NDJSON);

    // Firing, once, at the phone, under the name that the alert has here.
    const body = await waitFor(async () => phone.bodies.find(({ status }) => status === 'firing'));
    const ours = await product.get<{
      readonly items: readonly { readonly fingerprint: string; readonly labels: Record<string, string> }[];
    }>('/alerts?status=firing');
    assert.ok(
      ours.items.some(({ fingerprint }) => fingerprint === body.alerts[0]?.fingerprint),
      'one fingerprint on both sides',
    );
    assert.equal(body.alerts[0]?.labels['cause'], 'fleet');
    assert.equal(fallback.bodies.length, 0, 'one of two instances takes them');
    await waitFor(async () => {
      const { checks } = await product.get<{ readonly checks: Record<string, { readonly status: string }> }>('/health');
      return checks['receiver:am-gone']?.status === 'degraded' && checks['receiver:am-1']?.status === 'ok' ? true : undefined;
    });

    // What amtool silences is silenced here, once.
    const fingerprint = body.alerts[0]?.fingerprint ?? '';
    const silenceId = await am.amtool('silence', 'add', '--author=bia', '--comment=obra', '--duration=1h', 'cause=fleet');
    await waitFor(async () => {
      const { items } = await product.get<{
        readonly items: readonly { readonly fingerprint: string; readonly silenced_by: readonly string[] }[];
      }>('/alerts?status=firing');
      return items.find((alert) => alert.fingerprint === fingerprint)?.silenced_by.length === 1 ? true : undefined;
    });
    const { items: silences } = await product.get<{
      readonly items: readonly { readonly reason: string; readonly created_by: { readonly name: string } }[];
    }>('/api/v1/silences');
    assert.deepEqual(
      silences.map(({ reason, created_by: by }) => `${by.name}: ${reason}`),
      ['bia (Alertmanager): obra'],
    );
    await am.amtool('silence', 'expire', silenceId);
    await waitFor(async () => {
      const { items } = await product.get<{ readonly items: readonly { readonly silenced_by: readonly string[] }[] }>(
        '/alerts?status=firing',
      );
      return items.every((alert) => alert.silenced_by.length === 0) ? true : undefined;
    });

    // What is silenced here is silenced there; an acknowledgement too.
    const created = await product.act('/api/v1/silences', JSON.stringify({ matchers: ['type="spike"'], minutes: 60, reason: 'teste' }));
    assert.equal(created.status, 201, await created.text());
    const acknowledged = await product.act(`/alerts/${fingerprint}/acknowledge`, '{}');
    assert.equal(acknowledged.status, 200, await acknowledged.text());
    await waitFor(async () => {
      const listed = (await (await fetch(`${am.url}/api/v2/silences`)).json()) as readonly {
        readonly comment: string;
        readonly status: { readonly state: string };
      }[];
      const live = listed.filter(({ status }) => status.state === 'active').map(({ comment }) => comment.replace(/ \[.*/, ''));
      return live.toSorted().join() === 'Acknowledged,teste' ? true : undefined;
    });
    assert.equal((await am.held()).find((alert) => alert.fingerprint === fingerprint)?.status.state, 'suppressed');

    // An alert of another rule is snoozed in the chat: a silence in every instance that answers, which is left alone here.
    await am.amtool('alert', 'add', 'alertname=HostDown', 'instance=db-1');
    const other = async () => (await am.held()).find(({ labels }) => labels['alertname'] === 'HostDown');
    const hostDown = await waitFor(other);
    const say = async (text: string): Promise<string> => {
      const message = { channel: 'cli', sender: 'cli', conversation: 'night', message_id: text, text };
      const answer = await product.act('/chat', JSON.stringify(message));
      return ((await answer.json()) as { readonly blocks: readonly { readonly text: string }[] }).blocks[0]?.text ?? '';
    };
    assert.match(await say(`snooze ${hostDown.fingerprint} for 15m`), /^💤 HostDown: soneca até .*\n⚠️ .*am-gone/s);
    assert.match(await say('silêncios'), /HostDown #\d/);

    // Over kill -9 it stays alive.
    await product.kill();
    product = await start();
    const before = (await am.held()).find((alert) => alert.fingerprint === fingerprint);
    await waitFor(async () => {
      const now = (await am.held()).find((alert) => alert.fingerprint === fingerprint);
      return before !== undefined && now !== undefined && Date.parse(now.endsAt) > Date.parse(before.endsAt) ? true : undefined;
    });
    assert.equal((await other())?.status.state, 'suppressed');
    assert.match(await say('encerrar silêncio 2'), /Silêncio encerrado: HostDown/);
    assert.equal((await other())?.status.state, 'active');
    // No instance keeps it alive: the other receiver hears of that, until one is back.
    await am.stop();
    const alarm = await waitFor(async () => fallback.bodies.find(({ status }) => status === 'firing'));
    assert.equal(alarm.alerts[0]?.labels['alertname'], 'GuardianAlertsNotTaken');
    am = await startAlertmanager(t, root, phone.url, port);
    await waitFor(async () => (fallback.bodies.some(({ status }) => status === 'resolved') ? true : undefined));
    assert.deepEqual([...new Set(fallback.bodies.map(({ alerts }) => alerts[0]?.labels['alertname']))], ['GuardianAlertsNotTaken']);

    // Its end arrives.
    await product.post('/transactions/batch', lines.slice(112 * perMinute).join('\n'), NDJSON);
    await product.post('/heartbeat', JSON.stringify({ source: 'test', at: new Date(START + MINUTES * 60_000 + 90_000).toISOString() }));
    await waitFor(async () =>
      phone.bodies.some(({ alerts }) => alerts.some((alert) => alert.fingerprint === fingerprint && alert.status === 'resolved'))
        ? true
        : undefined,
    );
  },
);
