import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLAWDBOT } from '../test-harness.ts';
import type { Receiver } from './receiver-schema.ts';
import { oneOfEachTarget } from './targets.ts';

const hears = { send_resolved: true, briefings: true, silence_notices: true };
const mail = { kind: 'email' as const, host: 'a.example', port: 25, tls: 'none' as const, from: 'g@example.com', ...hears };
const chat = { kind: 'telegram' as const, bot_token: '1:a', chat_id: '777', api_url: 'https://api.telegram.org', ...hears };
const topic = { kind: 'ntfy' as const, server_url: 'https://ntfy.sh', topic: 'night', ...hears };

test('receivers of one chat, mailbox, topic or channel are one target; topics of a group and webhooks are apart', () => {
  const receivers: Receiver[] = [
    { ...chat, name: 'phone' },
    { ...chat, name: 'phone, urgent', bot_token: '2:b' },
    { ...chat, name: 'topic of the group', thread_id: 3 },
    { ...mail, name: 'mail', to: 'night@example.com' },
    { ...mail, name: 'mail by another server', host: 'b.example', to: 'Night@Example.com' },
    { ...topic, name: 'ntfy' },
    { ...topic, name: 'ntfy, urgent', server_url: 'https://ntfy.sh/' },
    { ...hears, kind: 'slack', name: 'slack', url: 'https://hooks.example/1' },
    { ...hears, kind: 'slack', name: 'slack, urgent', url: 'https://hooks.example/1' },
    CLAWDBOT,
    { ...CLAWDBOT, name: 'another name, which may be another person' },
  ];
  assert.deepEqual(
    oneOfEachTarget(receivers).map(({ name }) => name),
    ['phone', 'topic of the group', 'mail', 'ntfy', 'slack', 'clawdbot', 'another name, which may be another person'],
  );
});
