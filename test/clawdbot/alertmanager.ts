import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from '../e2e/free-port.ts';
import { waitFor } from '../e2e/product.ts';
import type { Night } from './night.ts';

/** As Debian installs it; `ALERTMANAGER` names another one. */
const PROGRAM = process.env['ALERTMANAGER'] ?? '/usr/bin/prometheus-alertmanager';
/** Why tests with an Alertmanager cannot run here; false where they can. */
export const noAlertmanager = existsSync(PROGRAM) ? false : 'there is no Alertmanager: apt-get install prometheus-alertmanager';

export interface PushedAlert {
  readonly name: string;
  readonly severity?: string;
  readonly isOver?: boolean;
  /** Beside its name and severity; default the label of the program. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface HeldSilence {
  readonly status: { readonly state: string };
  readonly createdBy: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
}

/** A real Alertmanager that notifies the gateway of each alert in a message of its own. */
export interface Alertmanager {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Kills it, and removes all that it has on disk. */
  lose(): Promise<void>;
  /** Pushes alerts, as the API v2 takes them: each began at noon UTC, and fires on unless it is over. */
  push(...alerts: readonly PushedAlert[]): Promise<void>;
  silences(): Promise<readonly HeldSilence[]>;
}

/** Creates one that is not started yet; it ends with the test. */
export async function createAlertmanager(
  t: TestContext,
  { gateway }: Pick<Night, 'gateway'>,
  { port: wanted }: { readonly port?: number } = {},
): Promise<Alertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-alertmanager-'));
  const port = wanted ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'token'), gateway.webhookToken, { mode: 0o600 });
  await writeFile(
    join(folder, 'alertmanager.yml'),
    `route: { receiver: clawdbot, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: clawdbot
    webhook_configs:
      - url: ${gateway.url}/webhook/alertmanager
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
    url,
    kill,
    async lose() {
      await kill();
      await rm(join(folder, 'data'), { recursive: true, force: true });
    },
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
    silences: async () => (await (await fetch(`${url}/api/v2/silences`)).json()) as readonly HeldSilence[],
    async push(...alerts) {
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts.map(postable)),
      });
      assert.equal(response.status, 200, await response.text());
    },
  };
}

const postable = ({ name, severity = 'critical', isOver = false, labels = { service: 'transaction-guardian' } }: PushedAlert) => ({
  labels: { alertname: name, severity, ...labels },
  annotations: { summary: `${name} detected`, action: 'Verificar API imediatamente' },
  startsAt: '2026-03-10T12:00:00Z',
  endsAt: new Date(Date.now() + (isOver ? -1000 : 600_000)).toISOString(),
});
