import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../../../clock.ts';
import type { DeliveryAttempt, PreviousMessage, Send } from '../channel.ts';
import { askChannel, jsonObject, type ChannelAnswer } from '../request.ts';
import { withReason, withWait, type FailedSend } from '../retry.ts';
import { fitText } from '../text/fit-text.ts';
import { endedBy, markedResolved } from '../text/marked-resolved.ts';
import { HTML } from '../text/markups.ts';
import { messageText, type MessageText } from '../text/message-text.ts';
import type { TelegramReceiver } from './config.ts';

/** Most characters of a message (sendMessage, Bot API). They count after the markup is read, so that counting it is on the safe side. */
const MAX_LENGTH = 4096;

/** Sends messages by the Bot API (core.telegram.org/bots/api): each answers the one of the same group before it. The end of a group is
 *  an answer of its own, which the phone shows, and the message that it ends is marked by an edit, so that nobody scrolls back to
 *  an alert that looks open. `info` makes no sound. */
export function createTelegramSend(clock: Clock, locale: Locale): Send<TelegramReceiver> {
  return async (receiver, delivery, signal) => {
    const call = (method: string, body: object): Promise<ChannelAnswer> =>
      askChannel(clock, { url: `${receiver.api_url.replace(/\/+$/, '')}/bot${receiver.bot_token}/${method}`, body }, signal);
    const said = messageText(delivery.message, locale);
    const ended = endedBy(delivery, said.status);
    if (ended !== undefined) {
      const marked = await call('editMessageText', editOf(receiver, ended, locale));
      if (!marked.ok && marked.failure.kind === 'retry') return failureOf(marked);
    }
    const answer = await call('sendMessage', messageOf(receiver, delivery, said));
    if (!answer.ok) return failureOf(answer);
    const { result } = jsonObject(answer.body);
    const id = typeof result === 'object' && result !== null && 'message_id' in result ? String(result.message_id) : null;
    return { kind: 'delivered', receipt: { to: receiver.chat_id, providerMessageId: id } };
  };
}

function messageOf(receiver: TelegramReceiver, { previous }: DeliveryAttempt, said: MessageText): object {
  return {
    chat_id: receiver.chat_id,
    ...(receiver.thread_id === undefined ? {} : { message_thread_id: receiver.thread_id }),
    text: fitText(said, HTML, MAX_LENGTH),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    disable_notification: said.severity === 'info',
    ...(previous === undefined
      ? {}
      : { reply_parameters: { message_id: Number(previous.providerMessageId), allow_sending_without_reply: true } }),
  };
}

function editOf(receiver: TelegramReceiver, ended: PreviousMessage, locale: Locale): object {
  return {
    chat_id: receiver.chat_id,
    message_id: Number(ended.providerMessageId),
    text: markedResolved(ended, locale, HTML, MAX_LENGTH),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  };
}

/** Telegram says in the body what is wrong and when to come back (ResponseParameters). */
function failureOf({ failure, body }: Extract<ChannelAnswer, { ok: false }>): FailedSend {
  const { description, parameters } = jsonObject(body);
  const wanted = typeof parameters === 'object' && parameters !== null ? (parameters as Record<string, unknown>) : {};
  const said = withWait(withReason(failure, description), wanted['retry_after']);
  const moved = wanted['migrate_to_chat_id'];
  return said.kind === 'refused' && typeof moved === 'number' ? { ...said, error: `${said.error} (chat_id ${moved})` } : said;
}
