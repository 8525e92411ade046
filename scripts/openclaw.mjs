// Installs the pinned OpenClaw for `npm run test:clawdbot`. It is no dependency of the project (770 MB), so it goes into a folder
// of its own beside the modules, which goes away with them. `OPENCLAW_VERSION=latest` tries the newest.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from './bootstrap/launch.mjs';
import { runNpm } from './bootstrap/npm.mjs';
import { cacheDir, readJson, root, SetupError } from './bootstrap/paths.mjs';

const folder = join(cacheDir, 'openclaw');
const stamp = join(folder, 'installed.json');
const PINNED = readJson(join(root, 'plugin', 'package.json'), {}).peerDependencies.openclaw;
/** Channels that are packages of their own. */
const CHANNELS = ['whatsapp', 'slack', 'discord'];

async function install() {
  const version = process.env.OPENCLAW_VERSION || PINNED;
  const wanted = [`openclaw@${version}`, ...CHANNELS.map((name) => `@openclaw/${name}@${version}`)];
  if (version !== 'latest' && existsSync(stamp) && JSON.stringify(readJson(stamp, {}).packages) === JSON.stringify(wanted)) return;
  process.stderr.write(`Installing ${wanted.join(', ')}...\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  await runNpm(['install', '--no-save', '--ignore-scripts', '--legacy-peer-deps', ...wanted], { cwd: folder });
  writeFileSync(stamp, JSON.stringify({ packages: wanted }));
}

try {
  await install();
} catch (error) {
  fail(error instanceof SetupError ? error : new SetupError(error.message));
}
