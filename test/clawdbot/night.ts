import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'node:test';
import { freePort } from '../e2e/free-port.ts';
import { startProduct, waitFor, type Product } from '../e2e/product.ts';
import { startFakeTelegram, type FakeTelegram } from './fake-telegram.ts';
import { createGateway, type Channels, type Gateway } from './gateway.ts';
import type { PhoneMessage } from './phone.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where `npm run test:clawdbot` installs OpenClaw; `OPENCLAW_FOLDER` names another one. */
export const OPENCLAW = process.env['OPENCLAW_FOLDER'] ?? join(ROOT, 'node_modules', '.cache', 'guardian', 'openclaw');

/** The version that the plugin is for. */
const VERSION = (JSON.parse(readFileSync(join(ROOT, 'plugin', 'package.json'), 'utf8')) as { peerDependencies: { openclaw: string } })
  .peerDependencies.openclaw;

export const OWNER = '777';
/** May write to the bot, and is no owner. */
export const COLLEAGUE = '888';
export const STRANGER = '999';
export const GROUP = '-100500';

/** Everything real but Telegram: the gateway with the plugin, and the running program. */
export interface Night {
  readonly telegram: FakeTelegram;
  readonly gateway: Gateway;
  guardian(): Product;
  startGuardian(): Promise<void>;
  /** Posts a notification as Alertmanager does; gives the status. */
  notify(payload: object): Promise<number>;
  /** Somebody writes; gives the messages that follow, the first one awaited. */
  say(sender: string, text: string, options?: Parameters<FakeTelegram['write']>[2]): Promise<PhoneMessage>;
  /** The next message to a chat after those that are known. */
  next(known: number, chat?: string): Promise<PhoneMessage>;
}

export interface NightOptions {
  /** Settings of the plugin. */
  readonly plugin?: object;
  readonly channels?: Channels;
  /** Port of an Alertmanager that the program is to ask. */
  readonly alertmanagerPort?: number;
}

/** Starts them all, and ends them with the test. */
export async function startNight(t: TestContext, { plugin = {}, channels, alertmanagerPort }: NightOptions = {}): Promise<Night> {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-clawdbot-'));
  // What was started last ends first.
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  t.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  const [gatewayPort, guardianPort] = [await freePort(), await freePort()];
  const telegram = await startFakeTelegram();
  ends.push(() => telegram.close());
  const data = join(folder, 'data');
  const gateway = createGateway({
    folder: join(folder, 'gateway'),
    openclaw: OPENCLAW,
    telegramUrl: telegram.url,
    port: gatewayPort,
    pluginFolder: join(ROOT, 'plugin'),
    ...(channels === undefined ? {} : { channels }),
    plugin: {
      guardianUrl: `http://127.0.0.1:${guardianPort}`,
      serviceTokenFile: join(data, 'service-token'),
      deliverTo: [{ channel: 'telegram', to: OWNER }],
      // On a busy machine an answer takes longer than a person waits for it.
      chatTimeoutMs: 30_000,
      ...plugin,
    },
  });
  const settings = join(folder, 'guardian.yaml');
  const identities = [`telegram:${OWNER}`, ...(channels?.owners ?? [])];
  await writeFile(
    settings,
    settingsText({ gatewayPort, token: gateway.webhookToken, runbooks: join(folder, 'runbooks'), owner: identities, alertmanagerPort }),
  );
  await mkdir(join(folder, 'runbooks'));
  await writeFile(join(folder, 'runbooks', 'slow-check.yaml'), SLOW_CHECK);
  let product: Product | null = null;
  const startGuardian = async (): Promise<void> => {
    product = await startProduct(data, ['--config', settings, '--http.port', String(guardianPort)]);
  };
  ends.push(async () => product?.stop());
  await startGuardian();
  ends.push(() => keepLog(gateway, t.name));
  ends.push(() => gateway.stop());
  // OpenClaw trusts a channel only when it has installed it itself.
  for (const name of Object.keys(channels?.config ?? {}))
    await gateway.command('plugins', 'install', `@openclaw/${name}@${VERSION}`, '--force', '--accept-capabilities');
  await gateway.start();

  const next: Night['next'] = (known, chat = OWNER) => waitFor(async () => telegram.messages(chat)[known]);
  return {
    telegram,
    gateway,
    guardian() {
      if (product === null) throw new Error('the program is not started');
      return product;
    },
    startGuardian,
    async notify(payload) {
      const response = await fetch(`${gateway.url}/webhook/alertmanager`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.webhookToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(payload),
      });
      await response.body?.cancel();
      return response.status;
    },
    async say(sender, text, options = {}) {
      const chat = options.chat ?? sender;
      const known = telegram.messages(chat).length;
      telegram.write(sender, text, options);
      return next(known, chat);
    },
    next,
  };
}

/** Keeps what a gateway said in the folder that `CLAWDBOT_LOGS` names. */
async function keepLog({ log }: Gateway, name: string): Promise<void> {
  const logs = process.env['CLAWDBOT_LOGS'];
  if (logs === undefined) return;
  await mkdir(logs, { recursive: true });
  await writeFile(join(logs, `${name.replaceAll(/\W+/g, '-').slice(0, 60)}.log`), log());
}

/** Why the suite cannot run here; false where it can. */
export const cannotRun = existsSync(join(OPENCLAW, 'node_modules', 'openclaw')) ? false : 'npm run test:clawdbot installs OpenClaw';

/** A runbook that takes longer than an answer of the chat. */
const SLOW_CHECK = `name: slow-check
description: { pt-BR: Espera, en: Waits }
dry_run: { pt-BR: Espera, en: Waits }
roles: [operator]
confirm: self
steps:
${[1, 2, 3].map((n) => `  - { name: { pt-BR: "Passo ${n}", en: "Step ${n}" }, command: [sleep, "3"], repeatable: true }`).join('\n')}
`;

function settingsText({
  gatewayPort,
  token,
  runbooks,
  owner,
  alertmanagerPort,
}: {
  readonly gatewayPort: number;
  readonly token: string;
  readonly runbooks: string;
  readonly owner: readonly string[];
  readonly alertmanagerPort: number | undefined;
}): string {
  const alertmanagers = alertmanagerPort === undefined ? [] : [{ name: 'am-1', url: `http://127.0.0.1:${alertmanagerPort}` }];
  return `alert:
  alertmanagers: ${JSON.stringify(alertmanagers)}
  group_wait_s: 0
  group_interval_s: 1
  receivers:
    - { name: night-shift, url: "http://127.0.0.1:${gatewayPort}/webhook/alertmanager", token: ${token}, receipts: true }
runbooks: { directory: ${runbooks} }
people:
  - { id: ana, name: Ana, language: pt-BR, roles: [operator], identities: ${JSON.stringify(owner)} }
  - { id: vera, name: Vera, language: en, roles: [operator], identities: ["telegram:${COLLEAGUE}"] }
`;
}

/** A notification of Alertmanager about one alert. */
export function notification(over: {
  readonly group: string;
  readonly status?: 'firing' | 'resolved';
  readonly severity?: string;
  readonly fingerprint?: string;
}): object {
  const { group, status = 'firing', severity = 'critical', fingerprint = group.padStart(16, '0') } = over;
  const alert = {
    status,
    labels: { alertname: 'GuardianZeroTransactions', severity, service: 'transaction-guardian', type: 'zero_transactions' },
    annotations: { summary: `Zero transactions detected ${group}`, action: 'Verificar API imediatamente' },
    startsAt: '2026-11-28T18:32:00Z',
    endsAt: status === 'resolved' ? '2026-11-28T18:40:00Z' : '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint,
  };
  const common = { groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: '', receiver: 'clawdbot-critical' };
  return { version: '4', groupKey: group, truncatedAlerts: 0, status, ...common, alerts: [alert] };
}
