import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress, withPlugin, type OpenClawConfig, type SetupWish } from './openclaw-config.ts';
import { findUnsafe } from './unsafe.ts';

const ANA = { channel: 'telegram', id: '777' };
const WISH: SetupWish = {
  owners: [ANA],
  targets: [ANA],
  severities: [],
  guardianUrl: 'http://127.0.0.1:8001',
  serviceTokenFile: '/data/service-token',
  webhookTokenFile: '/state/webhook-token',
  locale: 'pt-BR',
  timeZone: 'America/Sao_Paulo',
  pluginFolder: '/guardian/plugin',
};
const SAFE: OpenClawConfig = {
  gateway: { bind: 'loopback', port: 18_789, auth: { mode: 'token' } },
  channels: { telegram: { enabled: true, dmPolicy: 'allowlist', allowFrom: ['555'] }, slack: { enabled: false, dmPolicy: 'open' } },
  plugins: { allow: ['telegram'] },
};

test('the plugin is added, and what stands there is kept', () => {
  const written = withPlugin(SAFE, WISH);
  assert.deepEqual(written.channels?.['telegram']?.allowFrom, ['555', '777']);
  assert.deepEqual(written.channels?.['slack'], SAFE.channels?.['slack']);
  assert.deepEqual(written.plugins?.allow, ['telegram', 'transaction-guardian']);
  assert.deepEqual(written.plugins?.load?.paths, ['/guardian/plugin']);
  assert.deepEqual(written.commands?.['ownerAllowFrom'], ['telegram:777']);
  assert.equal(written.messages?.inbound?.byChannel?.['telegram'], 0);
  assert.deepEqual(written.gateway, SAFE.gateway);
  assert.deepEqual(withPlugin(written, WISH), written, 'a second time changes nothing');
});

test('buttons on Discord live as long as OpenClaw lets them, unless somebody chose', () => {
  const wish = { ...WISH, owners: [{ channel: 'discord', id: '803511102246789120' }], targets: [] };
  assert.deepEqual(withPlugin({}, wish).channels?.['discord']?.agentComponents, { ttlMs: 86_400_000 });
  const chosen = { channels: { discord: { agentComponents: { ttlMs: 60_000 } } } };
  assert.deepEqual(withPlugin(chosen, wish).channels?.['discord']?.agentComponents, { ttlMs: 60_000 });
});

test('a model that is not there is not asked every half an hour, unless somebody chose', () => {
  assert.deepEqual(withPlugin({ agents: { defaults: { workspace: '/w' } } }, WISH).agents, {
    defaults: { workspace: '/w', heartbeat: { every: '0m' } },
  });
  for (const defaults of [{ model: 'a/b' }, { heartbeat: { every: '15m' } }])
    assert.deepEqual(withPlugin({ agents: { defaults } }, WISH).agents, { defaults });
});

test('a group that gets pages is listened to, by those who may write', () => {
  const group = { channel: 'telegram', id: '-100500' };
  const written = withPlugin(SAFE, { ...WISH, targets: [ANA, group] });
  assert.deepEqual(written.channels?.['telegram']?.groups, { '-100500': { requireMention: false } });
  assert.deepEqual(withPlugin(written, { ...WISH, targets: [ANA, group] }), written, 'a second time changes nothing');
  const bia = { channel: 'slack', id: 'U0OWNER01' };
  const { slack } = withPlugin({}, { ...WISH, owners: [bia], targets: [{ channel: 'slack', id: 'C0NIGHT01' }] }).channels ?? {};
  assert.deepEqual(slack?.channels, { C0NIGHT01: { enabled: true, requireMention: false, users: ['U0OWNER01'] } });
  const strict = { channels: { telegram: { groups: { '-100500': { requireMention: true } } } } };
  assert.deepEqual(withPlugin(strict, { ...WISH, targets: [group] }).channels?.['telegram']?.groups, strict.channels.telegram.groups);
});

test('an empty configuration gets a channel that admits its owners only', () => {
  const { telegram } = withPlugin({}, WISH).channels ?? {};
  assert.deepEqual(telegram, { enabled: true, dmPolicy: 'allowlist', groupPolicy: 'allowlist', allowFrom: ['777'] });
});

test('what lets others in is found, each with its setting', () => {
  assert.deepEqual(findUnsafe(SAFE, WISH), []);
  const unsafe: readonly (readonly [OpenClawConfig, string])[] = [
    [{ gateway: { bind: 'lan' } }, 'gateway.bind'],
    [{ gateway: { tailscale: { mode: 'funnel' } } }, 'gateway.tailscale.mode'],
    [{ gateway: { auth: { mode: 'none' } } }, 'gateway.auth.mode'],
    [{ channels: { discord: { dmPolicy: 'open' } } }, 'channels.discord.dmPolicy'],
    [{ channels: { whatsapp: { allowFrom: ['*'] } } }, 'channels.whatsapp.allowFrom'],
    [{ channels: { slack: { groupPolicy: 'open' } } }, 'channels.slack.groupPolicy'],
    [{ channels: { slack: { accounts: { work: { dmPolicy: 'open' } } } } }, 'channels.slack.accounts.work.dmPolicy'],
  ];
  for (const [config, what] of unsafe)
    assert.deepEqual(
      findUnsafe(config, WISH).map((one) => one.what),
      [what],
    );
  assert.deepEqual(
    findUnsafe({}, { owners: [], targets: [ANA] }).map(({ code }) => code),
    ['no_list'],
  );
});

test('an address is a channel and an id', () => {
  assert.deepEqual(readAddress('telegram:-100500'), { channel: 'telegram', id: '-100500' });
  assert.deepEqual(readAddress('whatsapp:+5511987654321'), { channel: 'whatsapp', id: '+5511987654321' });
  for (const text of ['777', 'telegram:', 'Telegram:7', 'telegram:7 8']) assert.equal(readAddress(text), null, text);
});
