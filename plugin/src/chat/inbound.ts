import type { CommandContext, InboundContext, InboundMessage, InteractiveContext } from '../openclaw.ts';
import type { Said } from './talk.ts';

/** A message as the hook brings it; null when nobody can be answered. `newId`: for messages without an id. */
export function messageFrom(event: InboundMessage, context: InboundContext, newId: () => string): Said | null {
  const channel = event.channel ?? context.channelId;
  const sender = event.senderId ?? context.senderId;
  if (channel === undefined || sender === undefined) return null;
  const to = bareId(channel, context.conversationId ?? sender);
  return {
    target: { channel, to: event.isGroup === true ? to : bareId(channel, sender), ...accountOf(context.accountId) },
    sender: bareId(channel, sender),
    messageId: event.messageId ?? context.messageId ?? newId(),
    text: event.body ?? event.content,
    isGroup: event.isGroup === true,
    replyTo: event.replyToId ?? context.replyToId,
  };
}

/** A command of a channel's menu. */
export function commandOf(says: string, context: CommandContext, newId: () => string): Said | null {
  const { channel, senderId, args = '', from = '', to, accountId, messageThreadId } = context;
  if (senderId === undefined) return null;
  const isGroup = /:(?:group|channel|supergroup):/.test(from);
  return {
    target: {
      channel,
      to: bareId(channel, isGroup ? (to ?? senderId) : senderId),
      ...accountOf(accountId),
      ...(messageThreadId === undefined ? {} : { threadId: messageThreadId }),
    },
    sender: bareId(channel, senderId),
    messageId: newId(),
    text: `${says} ${args}`.trim(),
    isGroup,
  };
}

/** A tap on a button of ours. */
export function clickOf(context: InteractiveContext, newId: () => string): Said | null {
  const { channel, senderId, conversationId, accountId, threadId, auth } = context;
  const data = context.callback ?? context.interaction;
  if (senderId === undefined || data === undefined || !auth.isAuthorizedSender) return null;
  const sender = bareId(channel, senderId);
  const named = bareId(channel, data.chatId ?? conversationId);
  // Slack names a direct chat by an id of its own; pages of a person go by the id of the person.
  const chat = channel === 'slack' && named.startsWith('D') ? sender : named;
  const messageId = data.messageId ?? data.messageTs;
  return {
    target: { channel, to: chat, ...accountOf(accountId), ...(threadId === undefined ? {} : { threadId }) },
    sender,
    // The same tap that comes twice acts once.
    messageId: `tap/${context.callbackId ?? context.interactionId ?? newId()}`,
    text: data.payload,
    isGroup: context.isGroup ?? chat !== sender,
    ...(messageId === undefined ? {} : { replyTo: String(messageId) }),
  };
}

const accountOf = (accountId: string | undefined) => (accountId === undefined || accountId === 'default' ? {} : { accountId });

/** `telegram:777`, `telegram:group:-100500` and `777` are one address. */
function bareId(channel: string, id: string): string {
  const bare = id.startsWith(`${channel}:`) ? id.slice(channel.length + 1) : id;
  return bare.replace(/^(?:group|channel|user|direct|dm):/, '');
}
