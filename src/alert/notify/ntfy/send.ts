import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../../../clock.ts';
import type { Send } from '../channel.ts';
import { askChannel, jsonObject } from '../request.ts';
import { withReason } from '../retry.ts';
import { fitText, type Markup } from '../text/fit-text.ts';
import { PLAIN } from '../text/markups.ts';
import { messageText, type MessageText } from '../text/message-text.ts';
import { cutText } from '../text/plain-line.ts';
import type { NtfyReceiver } from './config.ts';

/** Most bytes of a message; a longer one would arrive as an attachment (docs.ntfy.sh, "Limitations"). */
const MAX_BYTES = 4096;
const MAX_TITLE = 200;
/** 5 sounds and vibrates through, 2 is silent (docs.ntfy.sh, "Message priority"). */
const PRIORITIES: Readonly<Record<Severity, number>> = { critical: 5, warning: 4, info: 2 };
const CALM = 3;

/** Ntfy reads no markup, and counts bytes. The title stands above the text. */
const PLAIN_BYTES: Markup = { ...PLAIN, size: (text) => Buffer.byteLength(text) };

/** Publishes messages as JSON (docs.ntfy.sh, "Publish as JSON"). */
export function createNtfySend(clock: Clock, locale: Locale): Send<NtfyReceiver> {
  return async (receiver, { message }, signal) => {
    const headers = receiver.token === undefined ? {} : { authorization: `Bearer ${receiver.token}` };
    const said = messageText(message, locale);
    const answer = await askChannel(clock, { url: receiver.server_url, headers, body: bodyOf(receiver, said) }, signal);
    if (!answer.ok) return withReason(answer.failure, jsonObject(answer.body)['error']);
    const { id } = jsonObject(answer.body);
    return { kind: 'delivered', receipt: { to: receiver.name, providerMessageId: typeof id === 'string' ? id : null } };
  };
}

function bodyOf({ topic }: NtfyReceiver, said: MessageText): object {
  const click = said.alerts[0]?.links[0]?.url;
  return {
    topic,
    title: cutText(said.subject, MAX_TITLE),
    message: fitText(said, PLAIN_BYTES, MAX_BYTES),
    priority: said.status === 'resolved' ? CALM : PRIORITIES[said.severity],
    ...(click === undefined ? {} : { click }),
  };
}
