import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../../../clock.ts';
import type { Send } from '../channel.ts';
import { addressBelow, askChannel, jsonObject, type ChannelAnswer } from '../request.ts';
import { withReason, withWait, type FailedSend } from '../retry.ts';
import { fitText } from '../text/fit-text.ts';
import { endedBy, markedResolved } from '../text/marked-resolved.ts';
import { messageText } from '../text/message-text.ts';
import type { DiscordReceiver } from './config.ts';
import { DISCORD_MARKDOWN, MAX_LENGTH } from './markdown.ts';

/** SUPPRESS_NOTIFICATIONS and SUPPRESS_EMBEDS of a message's flags. */
const [QUIET, NO_EMBEDS] = [1 << 12, 1 << 2];

/** Sends messages to a webhook of Discord (discord.com/developers, "Execute Webhook"), which mentions nobody. A webhook cannot answer a
 *  message: the end of a group is a message of its own, and the one that it ends is marked by an edit. */
export function createDiscordSend(clock: Clock, locale: Locale): Send<DiscordReceiver> {
  return async (receiver, delivery, signal) => {
    const said = messageText(delivery.message, locale);
    const ended = endedBy(delivery, said.status);
    if (ended !== undefined) {
      const edit = { url: addressBelow(receiver.url, `/messages/${ended.providerMessageId}`), method: 'PATCH' as const };
      const content = markedResolved(ended, locale, DISCORD_MARKDOWN, MAX_LENGTH);
      const marked = await askChannel(clock, { ...edit, body: { content, allowed_mentions: { parse: [] } } }, signal);
      if (!marked.ok && marked.failure.kind === 'retry') return failureOf(marked);
    }
    const body = {
      content: fitText(said, DISCORD_MARKDOWN, MAX_LENGTH),
      allowed_mentions: { parse: [] },
      flags: NO_EMBEDS | (said.severity === 'info' ? QUIET : 0),
    };
    const answer = await askChannel(clock, { url: addressBelow(receiver.url, '', { wait: 'true' }), body }, signal);
    if (!answer.ok) return failureOf(answer);
    const { id } = jsonObject(answer.body);
    return { kind: 'delivered', receipt: { to: receiver.name, providerMessageId: typeof id === 'string' ? id : null } };
  };
}

/** Discord says in the body when to come back, in seconds with a fraction. */
function failureOf({ failure, body }: Extract<ChannelAnswer, { ok: false }>): FailedSend {
  const { message, retry_after: seconds } = jsonObject(body);
  return withWait(withReason(failure, message), seconds);
}
