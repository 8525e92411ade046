import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../../../clock.ts';
import type { Delivery, PreviousMessage, Send } from '../channel.ts';
import { askChannel, jsonObject, type ChannelAnswer } from '../request.ts';
import type { FailedSend } from '../retry.ts';
import { fitText } from '../text/fit-text.ts';
import { messageText } from '../text/message-text.ts';
import type { TelegramReceiver } from './config.ts';
import { MAX_LENGTH, TELEGRAM_HTML } from './html.ts';

const LONGEST_RETRY_AFTER_S = 3600;

/** Sends messages by the Bot API (core.telegram.org/bots/api): each answers the one of the same group before it. The end of a group is
 *  an answer of its own, which the phone shows, and the message that it ends is marked by an edit, so that nobody scrolls back to
 *  an alert that looks open. `info` makes no sound. */
export function createTelegramSend(clock: Clock, locale: Locale): Send<TelegramReceiver> {
  return async (receiver, delivery, signal) => {
    const call = (method: string, body: object): Promise<ChannelAnswer> =>
      askChannel(clock, { url: `${receiver.api_url.replace(/\/+$/, '')}/bot${receiver.bot_token}/${method}`, body }, signal);
    const { previous } = delivery;
    const said = messageText(delivery.message, locale);
    if (said.status === 'resolved' && previous !== undefined && !previous.isShared) {
      // Before the answer: a repeat after a crash edits to the same text, which changes nothing.
      const marked = await call('editMessageText', editOf(receiver, previous, locale));
      if (!marked.ok && marked.failure.kind === 'retry') return failureOf(marked);
    }
    const answer = await call('sendMessage', messageOf(receiver, delivery, locale));
    if (!answer.ok) return failureOf(answer);
    const { result } = jsonObject(answer.body);
    const id = typeof result === 'object' && result !== null && 'message_id' in result ? String(result.message_id) : null;
    return { kind: 'delivered', receipt: { to: receiver.chat_id, providerMessageId: id } };
  };
}

function messageOf(receiver: TelegramReceiver, { message, previous }: Delivery, locale: Locale): object {
  const said = messageText(message, locale);
  return {
    chat_id: receiver.chat_id,
    ...(receiver.thread_id === undefined ? {} : { message_thread_id: receiver.thread_id }),
    text: fitText(said, TELEGRAM_HTML, MAX_LENGTH),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    disable_notification: said.severity === 'info',
    ...(previous === undefined
      ? {}
      : { reply_parameters: { message_id: Number(previous.providerMessageId), allow_sending_without_reply: true } }),
  };
}

function editOf(receiver: TelegramReceiver, { providerMessageId, message }: PreviousMessage, locale: Locale): object {
  const mark = TELEGRAM_HTML.bold(text(locale, 'notify.resolved'));
  const before = fitText(messageText(message, locale), TELEGRAM_HTML, MAX_LENGTH - mark.length - 2);
  return {
    chat_id: receiver.chat_id,
    message_id: Number(providerMessageId),
    text: `${mark}\n\n${before}`,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  };
}

/** Telegram says in the body what is wrong and when to come back (ResponseParameters). */
function failureOf(answer: Extract<ChannelAnswer, { ok: false }>): FailedSend {
  const { description, parameters } = jsonObject(answer.body);
  const { failure } = answer;
  const error = typeof description === 'string' ? `${failure.error}: ${description.slice(0, 200)}` : failure.error;
  const wanted = typeof parameters === 'object' && parameters !== null ? (parameters as Record<string, unknown>) : {};
  if (failure.kind === 'refused') {
    const moved = wanted['migrate_to_chat_id'];
    return { kind: 'refused', error: typeof moved === 'number' ? `${error} (chat_id ${moved})` : error };
  }
  const seconds = wanted['retry_after'];
  const asked = typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1000 : 0;
  return { kind: 'retry', error, afterMs: Math.max(failure.afterMs, asked) };
}
