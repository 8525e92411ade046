import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { configSentence } from './config-problem.ts';
import { loadConfig } from './config-load.ts';
import { hideSecrets, listSettings } from './config-settings.ts';

function load(
  t: TestContext,
  receivers: readonly object[],
  env: Readonly<Record<string, string>> = {},
  files: Record<string, string> = {},
) {
  const cwd = mkdtempSync(join(tmpdir(), 'guardian-receivers-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  const loaded = loadConfig({ cwd, env: { ...env, GUARDIAN_ALERT_RECEIVERS: JSON.stringify(receivers) } });
  return { ...loaded, sentences: loaded.problems.map((problem) => configSentence('en', problem)) };
}

const TELEGRAM = { kind: 'telegram', name: 'phone', bot_token: '123:s3cret', chat_id: '777' };

test('each kind has its own settings and defaults; one without a kind is a webhook', (t) => {
  const { config, sentences } = load(t, [
    { name: 'hook', url: 'http://127.0.0.1:8080/x' },
    TELEGRAM,
    { kind: 'slack', name: 'slack', url: 'https://hooks.slack.com/services/T/B/X' },
    { kind: 'discord', name: 'discord', url: 'https://discord.com/api/webhooks/1/x' },
    { kind: 'ntfy', name: 'ntfy', topic: 'night' },
    { kind: 'email', name: 'mail', host: 'mx', from: 'a@example.com', to: 'b@example.com' },
  ]);
  assert.deepEqual(sentences, []);
  assert.deepEqual(
    config.alert.receivers.map(({ kind, send_resolved }) => [kind, send_resolved]),
    ['webhook', 'telegram', 'slack', 'discord', 'ntfy', 'email'].map((kind) => [kind, true]),
  );
  const [, telegram, , , ntfy, mail] = config.alert.receivers;
  assert.equal(telegram?.kind === 'telegram' && telegram.api_url, 'https://api.telegram.org');
  assert.equal(ntfy?.kind === 'ntfy' && ntfy.server_url, 'https://ntfy.sh');
  assert.deepEqual(mail?.kind === 'email' && [mail.port, mail.tls], [587, 'starttls']);
});

test('a secret comes from a file or a variable, and is shown nowhere', (t) => {
  const { config, sentences } = load(
    t,
    [
      { ...TELEGRAM, bot_token: { file: 'token' } },
      { kind: 'slack', name: 'ops', url: { env: 'SLACK_URL' } },
    ],
    { SLACK_URL: 'https://hooks.slack.com/services/T/B/s3cret' },
    { token: '123:s3cret\n' },
  );
  assert.deepEqual(sentences, []);
  const [telegram, slack] = config.alert.receivers;
  assert.equal(telegram?.kind === 'telegram' && telegram.bot_token, '123:s3cret');
  assert.equal(slack?.kind === 'slack' && slack.url, 'https://hooks.slack.com/services/T/B/s3cret');
  const schema = listSettings().find(({ path }) => path === 'alert.receivers')?.schema;
  const shown = JSON.stringify(hideSecrets(schema, config.alert.receivers));
  assert.doesNotMatch(shown, /s3cret/);
  assert.match(shown, /"chat_id":"777"/);
});

test('a second channel is another receiver, and does not lead back', (t) => {
  const hook = (name: string, backup?: string) => ({ name, url: 'http://127.0.0.1:8080/x', ...(backup === undefined ? {} : { backup }) });
  assert.deepEqual(load(t, [hook('a', 'b'), hook('b', 'c'), hook('c')]).sentences, []);
  assert.match(load(t, [hook('a', 'z')]).sentences.join(), /\[0\]\.backup: names an unknown receiver; receivers: a, not "z"/);
  assert.match(load(t, [hook('a', 'b'), hook('b', 'a')]).sentences.join(), /\[0\]\.backup: leads back to the receiver itself/);
});

test('what is wrong names the receiver, the field and the rule, and no secret', (t) => {
  const cases: readonly [object, RegExp][] = [
    [{ ...TELEGRAM, bot_token: { file: 'nowhere' } }, /\[0\]\.bot_token: cannot be read: ENOENT/],
    [{ ...TELEGRAM, bot_token: { env: 'NOWHERE' } }, /\[0\]\.bot_token: refers to the environment variable NOWHERE, which is not set/],
    [{ ...TELEGRAM, bot_token: 's3cret' }, /\[0\]\.bot_token: must match/],
    [{ ...TELEGRAM, url: 'http://x' }, /\[0\]: has unknown keys: url/],
    [{ ...TELEGRAM, kind: 'telegran' }, /\[0\]\.kind: must be one of webhook, telegram, slack, discord, email, ntfy/],
    [{ kind: 'slack', name: 'a' }, /\[0\]: needs url/],
    [{ kind: 'slack', name: 'a', url: 'https://x:6000/s3cret' }, /\[0\]\.url: uses port 6000/],
    [
      { kind: 'email', name: 'm', host: 'mx', from: 'a@example.com', to: 'b@example.com', user: 'u', password: 's3cret', tls: 'none' },
      /\[0\]\.tls: sends a password without TLS/,
    ],
    [{ kind: 'email', name: 'm', host: 'mx', from: 'a@example.com', to: 'b@example.com', password: 's3cret' }, /\[0\]: needs user/],
    [
      { kind: 'email', name: 'm', host: 'mx', from: 'a@example.com', to: 'b@example.com, c@example.com' },
      /\[0\]\.to: must be like night-shift@example\.com/,
    ],
  ];
  for (const [receiver, expected] of cases) {
    const { sentences } = load(t, [receiver]);
    assert.match(sentences.join('\n'), expected);
    assert.doesNotMatch(sentences.join('\n'), /s3cret/);
  }
});
