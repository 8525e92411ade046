import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { cannotRun, OPENCLAW, ROOT } from './night.ts';

const run = promisify(execFile);

test('a clean OpenClaw takes the packed plugin and the skill', { timeout: 600_000, skip: cannotRun }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-install-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const state = join(folder, 'state');
  mkdirSync(state, { mode: 0o700 });
  const config = join(state, 'openclaw.json');
  writeFileSync(config, JSON.stringify({ gateway: { mode: 'local', bind: 'loopback', auth: { mode: 'token', token: 'x'.repeat(24) } } }), {
    mode: 0o600,
  });
  const env = {
    ...process.env,
    TMPDIR: folder,
    OPENCLAW_HOME: folder,
    OPENCLAW_STATE_DIR: state,
    OPENCLAW_CONFIG_PATH: config,
  };
  const openclaw = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await run(process.execPath, [join(OPENCLAW, 'node_modules', 'openclaw', 'openclaw.mjs'), ...args], {
      cwd: folder,
      env,
    });
    return stdout + stderr;
  };
  await run('npm', ['pack', '--pack-destination', folder], { cwd: join(ROOT, 'plugin') });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  await openclaw('plugins', 'install', `npm-pack:${join(folder, tarball)}`, '--force', '--accept-capabilities');
  const inspected = await openclaw('plugins', 'inspect', 'transaction-guardian', '--runtime', '--json');
  assert.match(inspected, /"httpRoutes": ?1/);
  for (const command of ['guardian', 'alertas', 'runbook', 'briefing']) assert.ok(inspected.includes(`"${command}"`), command);

  await openclaw('skills', 'install', join(ROOT, 'skills', 'transaction_guardian'));
  assert.match(await openclaw('skills', 'list'), /transaction-guardian/);
});
