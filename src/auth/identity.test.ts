import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readIdentity } from './identity.ts';

describe('one account has one key, however it is written', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['telegram:777', 'telegram:777'],
    [' Telegram: 777 ', 'telegram:777'],
    ['whatsapp:+5511987654321', 'whatsapp:+5511987654321'],
    ['whatsapp:+55 (11) 98765-4321', 'whatsapp:+5511987654321'],
    ['whatsapp:5511987654321@s.whatsapp.net', 'whatsapp:+5511987654321'],
    // An account from before the ninth digit.
    ['whatsapp:+551187654321', 'whatsapp:+5511987654321'],
    // A landline never had one.
    ['whatsapp:+551130123456', 'whatsapp:+551130123456'],
    ['whatsapp:+14155552671', 'whatsapp:+14155552671'],
    ['slack:u0123abc', 'slack:U0123ABC'],
    ['discord:80351110224678912', 'discord:80351110224678912'],
    ['cli', 'cli'],
    ['console', 'console'],
  ];
  for (const [text, key] of rows) test(text, () => assert.deepEqual(readIdentity(text), { key }));
});

describe('what is no account is refused by its rule', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['signal:1', 'identity_channel'],
    ['777', 'identity_channel'],
    ['', 'identity_channel'],
    ['telegram', 'identity'],
    ['whatsapp:', 'identity'],
    ['telegram:@ana', 'account'],
    ['telegram:0777', 'account'],
    ['whatsapp:11987654321', 'phone'],
    ['whatsapp:+0511987654321', 'phone'],
    ['whatsapp:+5511987654321999', 'phone'],
    ['whatsapp:+55 11 9876x4321', 'phone'],
    ['slack:ana', 'account'],
    ['discord:ana#1', 'account'],
    ['cli:root', 'account'],
    ['console:', 'account'],
  ];
  for (const [text, rule] of rows)
    test(JSON.stringify(text), () => {
      const read = readIdentity(text);
      assert.equal('problem' in read ? read.problem.rule : read.key, rule);
    });
});
