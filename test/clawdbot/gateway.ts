import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A real OpenClaw gateway in a folder of its own. */
export interface Gateway {
  readonly url: string;
  readonly folder: string;
  readonly webhookToken: string;
  readonly configFile: string;
  /** Runs a command of OpenClaw on its folder; gives what it prints. */
  command(...args: readonly string[]): Promise<string>;
  /** Starts it, and waits until it is ready. */
  start(): Promise<void>;
  /** Ends it in good order, or kills it. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  log(): string;
}

export interface GatewayOptions {
  readonly folder: string;
  /** Folder with `node_modules/openclaw`. */
  readonly openclaw: string;
  readonly telegramUrl: string;
  /** Channels beside Telegram, which are packages of their own. */
  readonly channels?: Channels;
  readonly port: number;
  /** The plugin's own settings beside the webhook's token; null: the gateway does not have the plugin yet, and lists nobody. */
  readonly plugin: object | null;
  readonly pluginFolder: string;
}

/** Channels by their names, as `openclaw.json` has them, who owns the gateway there (`slack:U0OWNER`), and the variables that lead
 *  their packages to a server on this machine. */
export interface Channels {
  readonly config: Readonly<Record<string, object>>;
  readonly owners: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Time for a gateway to become ready on a busy machine. */
const READY_MS = 480_000;
/** How often it is started for one start. */
const STARTS = 4;

/** Who may write, as `guardian clawdbot setup` writes it, with a colleague and a group more. */
const LISTS = {
  dmPolicy: 'allowlist',
  allowFrom: ['777', '888'],
  groupPolicy: 'allowlist',
  groups: { '-100500': { requireMention: false } },
};

const NO_CHANNELS: Channels = { config: {}, owners: [], env: {} };

const withPlugin = (folder: string, settings: object, { config, owners }: Channels) => {
  const names = Object.keys(config);
  return {
    messages: { inbound: { byChannel: Object.fromEntries(['telegram', ...names].map((name) => [name, 0])) } },
    commands: { ownerAllowFrom: ['telegram:777', ...owners] },
    plugins: {
      allow: ['transaction-guardian', 'telegram', ...names],
      load: { paths: [folder] },
      entries: {
        'transaction-guardian': { enabled: true, config: settings },
        ...Object.fromEntries(names.map((name) => [name, { enabled: true }])),
      },
    },
  };
};

export function createGateway(options: GatewayOptions): Gateway {
  const { folder, openclaw, telegramUrl, port, plugin, pluginFolder, channels = NO_CHANNELS } = options;
  const state = join(folder, 'state');
  const config = join(state, 'openclaw.json');
  const logFile = join(folder, 'gateway.log');
  const webhookToken = 'webhook-token-of-the-test';
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const written = {
    gateway: { mode: 'local', bind: 'loopback', port, auth: { mode: 'token', token: 'gateway-token-of-the-test' } },
    update: { checkOnStart: false },
    agents: { defaults: { heartbeat: { every: '0m' }, skipBootstrap: true } },
    channels: {
      telegram: { enabled: true, botToken: '123456:TEST', apiRoot: telegramUrl, ...(plugin === null ? {} : LISTS) },
      ...channels.config,
    },
    plugins: { allow: ['telegram'] },
    ...(plugin === null ? {} : withPlugin(resolve(pluginFolder), { webhookToken, ...plugin }, channels)),
  };
  writeFileSync(config, JSON.stringify(written, null, 2), { mode: 0o600 });
  const entry = join(openclaw, 'node_modules', 'openclaw', 'openclaw.mjs');
  const env = {
    ...channels.env,
    PATH: process.env['PATH'],
    TMPDIR: folder,
    HOME: folder,
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    OPENCLAW_HOME: folder,
    OPENCLAW_STATE_DIR: state,
    OPENCLAW_CONFIG_PATH: config,
  };
  let child: ChildProcess | null = null;

  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    webhookToken,
    configFile: config,
    log: () => readFileSync(logFile, 'utf8'),
    async command(...args) {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [entry, ...args], {
        cwd: folder,
        env: { ...process.env, ...env },
      });
      return stdout + stderr;
    },
    async start() {
      const output = createWriteStream(logFile, { flags: 'a' });
      await once(output, 'open');
      const deadline = Date.now() + READY_MS;
      // On a busy machine it gives up its own start, and leaves it to whoever supervises it to start it again.
      let left = STARTS;
      while (Date.now() < deadline) {
        if (child === null || child.exitCode !== null) {
          if (left-- === 0) break;
          child = spawn(process.execPath, [entry, 'gateway', 'run'], { cwd: folder, env, stdio: ['ignore', output, output] });
        }
        if (await isReady(port)) return;
        await wait(500);
      }
      throw new Error(`The gateway was not ready within ${READY_MS / 1000} s:\n${readFileSync(logFile, 'utf8').slice(-3000)}`);
    },
    async stop(signal = 'SIGTERM') {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      const timer = setTimeout(() => child?.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
      child = null;
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5000) });
    const body = (await response.json()) as { ready?: boolean };
    return body.ready === true;
  } catch {
    return false;
  }
}
