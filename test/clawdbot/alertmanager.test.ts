import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../e2e/free-port.ts';
import { waitFor } from '../e2e/product.ts';
import { cannotRun, OWNER, startNight } from './night.ts';

/** As Debian installs it; `ALERTMANAGER` names another one. */
const PROGRAM = process.env['ALERTMANAGER'] ?? '/usr/bin/prometheus-alertmanager';
const skip = cannotRun || (existsSync(PROGRAM) ? false : 'there is no Alertmanager: apt-get install prometheus-alertmanager');
const QUIET_MS = 5000;

interface Alertmanager {
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Pushes an alert, as the API v2 takes it. */
  push(name: string, isOver?: boolean): Promise<void>;
}

async function createAlertmanager(t: TestContext, webhook: string, token: string): Promise<Alertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-alertmanager-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'token'), token, { mode: 0o600 });
  await writeFile(
    join(folder, 'alertmanager.yml'),
    `route: { receiver: clawdbot, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: clawdbot
    webhook_configs:
      - url: ${webhook}
        send_resolved: true
        http_config: { authorization: { type: Bearer, credentials_file: ${join(folder, 'token')} } }
`,
  );
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = null;
  };
  t.after(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    kill,
    async start() {
      const flags = [
        'config.file=alertmanager.yml',
        'storage.path=data',
        `web.listen-address=127.0.0.1:${port}`,
        'cluster.listen-address=',
      ];
      child = spawn(
        PROGRAM,
        flags.map((flag) => `--${flag}`),
        { cwd: folder, stdio: 'ignore' },
      );
      await waitFor(async () => ((await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true ? true : undefined));
    },
    async push(name, isOver = false) {
      const startsAt = '2026-03-10T12:00:00Z';
      const alert = {
        labels: { alertname: name, severity: 'critical', service: 'transaction-guardian' },
        annotations: { summary: `${name} detected`, action: 'Verificar API imediatamente' },
        startsAt,
        endsAt: new Date(Date.now() + (isOver ? -1000 : 600_000)).toISOString(),
      };
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([alert]),
      });
      assert.equal(response.status, 200, await response.text());
    },
  };
}

test('a real Alertmanager pages the phone, whoever is away meanwhile', { timeout: 900_000, skip }, async (t) => {
  const night = await startNight(t, { plugin: { messagesPerMinute: 1000 } });
  const { telegram, gateway } = night;
  const alertmanager = await createAlertmanager(t, `${gateway.url}/webhook/alertmanager`, gateway.webhookToken);
  await alertmanager.start();
  const about = (name: string) => telegram.messages(OWNER).filter(({ text }) => text.includes(`${name} detected`));

  await t.test('it fires and resolves', async () => {
    await alertmanager.push('First');
    const page = await waitFor(async () => about('First')[0]);
    assert.match(
      page.text,
      /^<b>🚨 CRITICAL: First detected<\/b>\nSistema: Transaction Guardian\nHora: 09:00\nAção: Verificar API imediatamente/,
    );
    await alertmanager.push('First', true);
    const end = await waitFor(async () => about('First')[1]);
    assert.equal(end.replyTo, page.id);
    await wait(QUIET_MS);
    assert.equal(about('First').length, 2);
  });

  await t.test('Telegram fails twice: it comes again, and once', async () => {
    telegram.fail({ kind: 'status', status: 500 }, 2);
    await alertmanager.push('Second');
    await waitFor(async () => about('Second')[0]);
    await wait(QUIET_MS);
    assert.equal(about('Second').length, 1);
  });

  await t.test('the gateway is killed before it fires', async () => {
    await gateway.stop('SIGKILL');
    await alertmanager.push('Third');
    await wait(2000);
    await gateway.start();
    await waitFor(async () => about('Third')[0]);
    await wait(QUIET_MS);
    assert.equal(about('Third').length, 1);
    assert.equal(about('Second').length, 1, 'what was notified before is not notified again');
  });

  await t.test('Alertmanager is down: the chat answers, and what fires comes when it is back', async () => {
    await alertmanager.kill();
    assert.match((await night.say(OWNER, 'status')).text, /Transaction Guardian Status/);
    await alertmanager.start();
    await alertmanager.push('Fourth');
    await alertmanager.push('Third');
    await waitFor(async () => about('Fourth')[0]);
    await wait(QUIET_MS);
    assert.deepEqual([about('Third').length, about('Fourth').length], [1, 1]);
  });
});
