import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../../../clock.ts';
import type { Send } from '../channel.ts';
import { askChannel } from '../request.ts';
import { withReason } from '../retry.ts';
import { messageText } from '../text/message-text.ts';
import { slackBody } from './blocks.ts';
import type { SlackReceiver } from './config.ts';

/** Sends messages to an incoming webhook of Slack (docs.slack.dev, "Sending messages using incoming webhooks"). It answers `ok` and no
 *  id: a message cannot be edited or answered, and `ok` is all the receipt there is. */
export function createSlackSend(clock: Clock, locale: Locale): Send<SlackReceiver> {
  return async (receiver, { message }, signal) => {
    const answer = await askChannel(clock, { url: receiver.url, body: slackBody(messageText(message, locale)) }, signal);
    if (answer.ok) return { kind: 'delivered', receipt: { to: receiver.name, providerMessageId: null } };
    // E.g. `no_service`, `channel_is_archived`: what to mend.
    return withReason(answer.failure, /^[a-z_]{2,60}$/.exec(answer.body.trim())?.[0]);
  };
}
