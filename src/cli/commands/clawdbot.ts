import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import {
  addressText,
  GATEWAY_PORT,
  readAddress,
  withPlugin,
  type Address,
  type OpenClawConfig,
  type SetupWish,
} from '../../clawdbot/openclaw-config.ts';
import { writeReceiver } from '../../clawdbot/receiver-entry.ts';
import { findUnsafe } from '../../clawdbot/unsafe.ts';
import { writePrivate } from '../../clawdbot/write-private.ts';
import { GuardianError } from '../../errors.ts';
import { usageError, type Cli } from '../cli.ts';
import { settledConfig } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';

interface SetupOptions {
  readonly owner?: string[];
  readonly to?: string[];
  readonly severity?: string[];
  readonly openclaw?: string;
  readonly installed?: true;
  readonly file?: string;
}

const PLUGIN_FOLDER = fileURLToPath(new URL('../../../plugin', import.meta.url));

/** `guardian clawdbot setup`: connects the server and an OpenClaw gateway on this machine. */
export function registerClawdbot({ cli, add, run }: CommandRegistry): void {
  const parent = add('clawdbot', cli.say('clawdbot.about'), 'guardian clawdbot setup --owner telegram:777');
  add('setup', cli.say('clawdbot.setup'), 'guardian clawdbot setup --owner telegram:777 --to telegram:777 --severity critical', parent)
    .option('--owner <account...>', cli.say('clawdbot.opt.owner'))
    .option('--to <chat...>', cli.say('clawdbot.opt.to'))
    .option('--severity <severity...>', cli.say('clawdbot.opt.severity'))
    .option('--openclaw <file>', cli.say('clawdbot.opt.openclaw'))
    .option('--file <file>', cli.say('clawdbot.opt.file'))
    .option('--installed', cli.say('clawdbot.opt.installed'))
    .action(run((options: SetupOptions) => setUp(cli, options)));
}

function setUp(cli: Cli, options: SetupOptions): number {
  const file = resolve(
    cli.cwd,
    options.openclaw ??
      cli.env['OPENCLAW_CONFIG_PATH'] ??
      join(cli.env['OPENCLAW_STATE_DIR'] ?? join(homedir(), '.openclaw'), 'openclaw.json'),
  );
  const before = readOpenClaw(cli, file);
  const wish = wishOf(cli, options, file);
  const unsafe = findUnsafe(before, wish);
  if (unsafe.length > 0) {
    cli.print(`❌ ${cli.say('clawdbot.refused', { file })}`);
    for (const { code, what, value } of unsafe) cli.print(`   ${what}: ${value}: ${cli.say(`clawdbot.unsafe.${code}`)}`);
    return 1;
  }
  const settings = resolve(cli.cwd, options.file ?? 'guardian.yaml');
  const url = `http://127.0.0.1:${before.gateway?.port ?? GATEWAY_PORT}/webhook/alertmanager`;
  // The one that can be wrong is written first: a file of settings that cannot be read leaves the gateway as it was.
  const receiver = writeReceiver(settings, { url, tokenFile: wish.webhookTokenFile, severities: wish.severities });
  if (!existsSync(wish.webhookTokenFile)) writePrivate(wish.webhookTokenFile, `${randomBytes(32).toString('base64url')}\n`);
  if (existsSync(file)) copyFileSync(file, `${file}.before-guardian`);
  writePrivate(file, `${JSON.stringify(withPlugin(before, wish), null, 2)}\n`);
  cli.print(`✅ ${cli.say('clawdbot.wrote.openclaw', { file })}`);
  cli.print(`✅ ${cli.say('clawdbot.wrote.token', { file: wish.webhookTokenFile })}`);
  cli.print(`✅ ${cli.say(receiver === 'added' ? 'clawdbot.wrote.receiver' : 'clawdbot.kept.receiver', { file: settings, url })}`);
  sayNext(cli, wish);
  return 0;
}

/** What is left to do by hand. */
function sayNext(cli: Cli, { owners, pluginFolder }: SetupWish): void {
  const known = new Set(settledConfig(cli, cli.config()).people.flatMap(({ identities }) => identities));
  for (const owner of owners.map(addressText)) if (!known.has(owner)) cli.print(`⚠️ ${cli.say('clawdbot.no_person', { owner })}`);
  if (pluginFolder !== null && !existsSync(join(pluginFolder, 'dist', 'index.js'))) cli.print(`⚠️ ${cli.say('clawdbot.not_built')}`);
  cli.print(cli.say('clawdbot.next'));
}

function wishOf(cli: Cli, options: SetupOptions, file: string): SetupWish {
  const owners = addresses(cli, options.owner ?? []);
  const targets = options.to === undefined ? owners : addresses(cli, options.to);
  if (owners.length === 0) throw usageError(cli.say('clawdbot.no_owner'));
  const severities = options.severity ?? [];
  for (const one of severities)
    if (!SEVERITIES.some((known) => known === one))
      throw usageError(cli.say('clawdbot.severity', { value: one, known: SEVERITIES.join(', ') }));
  const config = settledConfig(cli, cli.config());
  return {
    owners,
    targets,
    severities,
    guardianUrl: serverUrl(cli.cwd, config),
    serviceTokenFile: join(resolve(cli.cwd, config.data_dir), 'service-token'),
    webhookTokenFile: join(dirname(file), 'transaction-guardian', 'webhook-token'),
    locale: cli.locale,
    timeZone: config.time_zone,
    pluginFolder: options.installed === true ? null : PLUGIN_FOLDER,
  };
}

const addresses = (cli: Cli, texts: readonly string[]): Address[] =>
  texts.map((text) => {
    const address = readAddress(text);
    if (address === null) throw usageError(cli.say('clawdbot.address', { text }));
    return address;
  });

function readOpenClaw(cli: Cli, file: string): OpenClawConfig {
  if (!existsSync(file)) throw new GuardianError('USAGE', cli.say('clawdbot.no_file', { file }));
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as OpenClawConfig;
  } catch {
    throw new GuardianError('USAGE', cli.say('clawdbot.not_json', { file }));
  }
}
