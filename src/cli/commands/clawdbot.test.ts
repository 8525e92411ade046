import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runInTest } from '../test-run.ts';

function folderOf(t: TestContext, openclaw: object) {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-clawdbot-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'openclaw.json');
  writeFileSync(file, JSON.stringify(openclaw), { mode: 0o644 });
  return { folder, file, settings: join(folder, 'guardian.yaml') };
}

test('a set-up writes both sides, keeps what is there and makes nothing readable to others', async (t) => {
  const { folder, file, settings } = folderOf(t, { gateway: { port: 18_790 }, channels: { telegram: { botToken: '123:x' } } });
  writeFileSync(settings, '# ours\nlocale: en\nalert:\n  receivers:\n    - { name: other, url: "https://example.com/hook" }\n');
  const args = ['clawdbot', 'setup', '--owner', 'telegram:777', '--severity', 'critical', '--openclaw', file];
  const run = await runInTest(args, { cwd: folder });
  assert.equal(run.code, 0, run.out);
  const written = JSON.parse(readFileSync(file, 'utf8')) as {
    channels: { telegram: object };
    plugins: { entries: Record<string, { config: Record<string, unknown> }> };
  };
  assert.deepEqual(written.channels.telegram, {
    enabled: true,
    dmPolicy: 'allowlist',
    groupPolicy: 'allowlist',
    botToken: '123:x',
    allowFrom: ['777'],
  });
  const config = written.plugins.entries['transaction-guardian']?.config ?? {};
  assert.deepEqual(config['deliverTo'], [{ channel: 'telegram', to: '777', severities: ['critical'] }]);
  const token = String(config['webhookTokenFile']);
  const yaml = readFileSync(settings, 'utf8');
  assert.match(yaml, /^# ours\n/);
  assert.match(yaml, /name: other/);
  assert.ok(yaml.includes(`file: ${token}`) && yaml.includes('http://127.0.0.1:18790/webhook/alertmanager'), yaml);
  for (const path of [file, token, settings]) assert.equal(statSync(path).mode & 0o077, 0, path);
  assert.ok(!run.out.includes(readFileSync(token, 'utf8').trim()), 'no secret is printed');
  assert.equal((await runInTest(['config', 'print'], { cwd: folder })).code, 0, 'the file is valid');

  const before = readFileSync(token, 'utf8');
  assert.equal((await runInTest(args, { cwd: folder })).code, 0);
  assert.equal(readFileSync(token, 'utf8'), before, 'a second time keeps the token');
  assert.equal(readFileSync(settings, 'utf8'), yaml);
});

test('an unsafe gateway is refused by name, and nothing is written', async (t) => {
  const { folder, file } = folderOf(t, { gateway: { bind: 'lan' }, channels: { telegram: { dmPolicy: 'open', allowFrom: ['*'] } } });
  const before = readFileSync(file, 'utf8');
  const run = await runInTest(['clawdbot', 'setup', '--owner', 'telegram:777', '--openclaw', file], { cwd: folder });
  assert.equal(run.code, 1);
  for (const what of ['gateway.bind', 'channels.telegram.dmPolicy', 'channels.telegram.allowFrom'])
    assert.ok(run.out.includes(what), run.out);
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('what is missing is asked for', async (t) => {
  const { folder, file } = folderOf(t, {});
  for (const args of [
    [],
    ['--owner', '777'],
    ['--owner', 'telegram:777', '--severity', 'loud'],
    ['--owner', 'telegram:7', '--openclaw', 'nowhere.json'],
  ])
    assert.equal((await runInTest(['clawdbot', 'setup', '--openclaw', file, ...args], { cwd: folder })).code, 2, args.join(' '));
});
