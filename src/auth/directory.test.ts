import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import { channelOf, createDirectory, guardianActor, personActor } from './directory.ts';

const ANA: Person = {
  id: 'ana',
  name: 'Ana',
  roles: ['viewer', 'approver'],
  identities: ['telegram:777', 'whatsapp:+5511987654321', 'console'],
};
const BIA: Person = { id: 'bia', name: 'Bia', roles: ['viewer'], identities: ['cli'] };

test('a person is found by each identity, also by one that the channel writes in another way', () => {
  const directory = createDirectory([ANA, BIA]);
  for (const identity of ['telegram:777', 'whatsapp:551187654321@c.us', 'console']) assert.equal(directory.person(identity)?.id, 'ana');
  assert.equal(directory.person('cli')?.id, 'bia');
  for (const identity of ['telegram:778', 'slack:U777', 'whatsapp:+5521987654321', 'nobody', ''])
    assert.equal(directory.person(identity), null);
});

test('the highest role counts; a viewer may only look', () => {
  const ana = personActor(ANA, { channel: 'telegram', messageId: 'c1/9' });
  assert.deepEqual([ana.id, ana.role, ana.channel, ana.message_id, ana.scopes], ['ana', 'approver', 'telegram', 'c1/9', ['read', 'write']]);
  const bia = personActor(BIA, { channel: 'cli' });
  assert.deepEqual([bia.role, bia.scopes, bia.message_id], ['viewer', ['read'], null]);
});

test('an identity names its channel', () => {
  for (const [identity, channel] of [
    ['telegram:777', 'telegram'],
    ['WhatsApp:+55', 'whatsapp'],
    ['cli', 'cli'],
    ['sms:1', 'api'],
  ] as const)
    assert.equal(channelOf(identity), channel);
});

test('the program acts in its own name, once for what it names', () => {
  const { id, kind, channel, message_id } = guardianActor('escalation/al_1/2');
  assert.deepEqual([id, kind, channel, message_id], ['guardian', 'system', 'guardian', 'escalation/al_1/2']);
});
