import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../../../clock.ts';
import type { PreviousMessage, Send } from '../channel.ts';
import { askChannel, jsonObject, type ChannelAnswer } from '../request.ts';
import type { FailedSend } from '../retry.ts';
import { fitText } from '../text/fit-text.ts';
import { messageText } from '../text/message-text.ts';
import type { DiscordReceiver } from './config.ts';
import { DISCORD_MARKDOWN, MAX_LENGTH } from './markdown.ts';

/** SUPPRESS_NOTIFICATIONS and SUPPRESS_EMBEDS of a message's flags. */
const [QUIET, NO_EMBEDS] = [1 << 12, 1 << 2];
const LONGEST_RETRY_AFTER_S = 3600;

/** Sends messages to a webhook of Discord (discord.com/developers, "Execute Webhook"), which mentions nobody. A webhook cannot answer a
 *  message: the end of a group is a message of its own, and the one that it ends is marked by an edit. */
export function createDiscordSend(clock: Clock, locale: Locale): Send<DiscordReceiver> {
  return async (receiver, { message, previous }, signal) => {
    const said = messageText(message, locale);
    if (said.status === 'resolved' && previous !== undefined && !previous.isShared) {
      const edit = { url: addressOf(receiver, `/messages/${previous.providerMessageId}`), method: 'PATCH' as const };
      const marked = await askChannel(clock, { ...edit, body: markedOf(previous, locale) }, signal);
      if (!marked.ok && marked.failure.kind === 'retry') return failureOf(marked);
    }
    const body = {
      content: fitText(said, DISCORD_MARKDOWN, MAX_LENGTH),
      allowed_mentions: { parse: [] },
      flags: NO_EMBEDS | (said.severity === 'info' ? QUIET : 0),
    };
    const answer = await askChannel(clock, { url: addressOf(receiver, '', { wait: 'true' }), body }, signal);
    if (!answer.ok) return failureOf(answer);
    const { id } = jsonObject(answer.body);
    return { kind: 'delivered', receipt: { to: receiver.name, providerMessageId: typeof id === 'string' ? id : null } };
  };
}

/** The webhook's address with a path below it; what it has of a query, as `thread_id`, stays. */
function addressOf({ url }: DiscordReceiver, path: string, query: Readonly<Record<string, string>> = {}): string {
  const address = new URL(url);
  address.pathname = address.pathname.replace(/\/+$/, '') + path;
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address.href;
}

function markedOf({ message }: PreviousMessage, locale: Locale): object {
  const mark = DISCORD_MARKDOWN.bold(text(locale, 'notify.resolved'));
  const before = fitText(messageText(message, locale), DISCORD_MARKDOWN, MAX_LENGTH - mark.length - 2);
  return { content: `${mark}\n\n${before}`, allowed_mentions: { parse: [] } };
}

/** Discord says in the body when to come back, in seconds with a fraction. */
function failureOf({ failure, body }: Extract<ChannelAnswer, { ok: false }>): FailedSend {
  const { message, retry_after: seconds } = jsonObject(body);
  const error = typeof message === 'string' ? `${failure.error}: ${message.slice(0, 200)}` : failure.error;
  if (failure.kind === 'refused') return { kind: 'refused', error };
  const asked = typeof seconds === 'number' && seconds > 0 ? Math.ceil(Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1000) : 0;
  return { kind: 'retry', error, afterMs: Math.max(failure.afterMs, asked) };
}
