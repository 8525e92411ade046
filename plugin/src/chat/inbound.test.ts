import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractiveContext } from '../openclaw.ts';
import { clickOf } from './inbound.ts';

const AUTH = { isAuthorizedSender: true };
const click = (context: Omit<InteractiveContext, 'auth'>) => clickOf({ ...context, auth: AUTH }, () => 'new');

test('a tap in a direct chat of Slack is one of the person, whatever id the chat has', () => {
  const tapped = click({
    channel: 'slack',
    senderId: 'U0OWNER01',
    conversationId: 'D0OWNER01',
    interactionId: 'i1',
    interaction: { payload: 'a1', messageTs: '1700000000.000001' },
  });
  assert.deepEqual(tapped, {
    target: { channel: 'slack', to: 'U0OWNER01' },
    sender: 'U0OWNER01',
    messageId: 'tap/i1',
    text: 'a1',
    isGroup: false,
    replyTo: '1700000000.000001',
  });
});

test('a tap in a channel is one of a group', () => {
  const slack = click({ channel: 'slack', senderId: 'U0OWNER01', conversationId: 'C0NIGHT01', interaction: { payload: 'a1' } });
  const discord = click({ channel: 'discord', senderId: '803', conversationId: 'channel:300', interaction: { payload: 'a1' } });
  assert.deepEqual(
    [slack, discord].map((said) => [said?.target.to, said?.isGroup]),
    [
      ['C0NIGHT01', true],
      ['300', true],
    ],
  );
});

test('a tap in a direct chat of Discord and Telegram is one of the person', () => {
  const discord = click({
    channel: 'discord',
    senderId: '803',
    conversationId: 'user:803',
    interaction: { payload: 'a1', messageId: '4' },
  });
  const telegram = click({ channel: 'telegram', senderId: '777', conversationId: '777', callback: { payload: 'a1', chatId: '777' } });
  assert.deepEqual(
    [discord, telegram].map((said) => [said?.target.to, said?.isGroup]),
    [
      ['803', false],
      ['777', false],
    ],
  );
});

test('a tap of somebody whom the channel does not admit is nothing', () => {
  assert.equal(
    clickOf({ channel: 'slack', senderId: 'U1', conversationId: 'D1', auth: { isAuthorizedSender: false } }, () => ''),
    null,
  );
});
