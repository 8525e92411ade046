import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDirect } from './direct.ts';

const of = (channel: string, sender: string, conversation: string): boolean => isDirect({ channel, sender, conversation });

test('a direct chat is named by its sender, in each way that a channel writes it', () => {
  assert.ok(of('telegram', '777', '777'));
  assert.ok(of('whatsapp', '+5511987654321', '5511987654321@s.whatsapp.net'));
  assert.ok(of('whatsapp', '+5511987654321', '551187654321@s.whatsapp.net'), 'without the ninth digit');
  assert.ok(of('slack', 'U0123ABC', 'D024BE91L'));
  assert.ok(of('console', 'x', 'y') && of('cli', 'x', 'night'));
});

test('everything else is read by others', () => {
  assert.ok(!of('telegram', '777', '-100500'));
  assert.ok(!of('telegram', '777', '888'));
  assert.ok(!of('whatsapp', '+5511987654321', '120363025246125486@g.us'));
  assert.ok(!of('slack', 'U0123ABC', 'C024BE91L') && !of('slack', 'U0123ABC', 'G024BE91L'));
  assert.ok(!of('discord', '80351110224678912', '80351110224678913'));
  assert.ok(!of('signal', 'a', 'b'));
});
