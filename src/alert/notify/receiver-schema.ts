import { Type, type Static } from 'typebox';
import { DiscordReceiver } from './discord/config.ts';
import { EmailReceiver } from './email/config.ts';
import { NtfyReceiver } from './ntfy/config.ts';
import { SlackReceiver } from './slack/config.ts';
import { TelegramReceiver } from './telegram/config.ts';
import { WebhookReceiver } from './webhook/config.ts';

/** An entry of `alert.receivers`: `kind` names its channel, `webhook` when it is not there. The list of all channels: `createSend` must
 *  have a send for each. */
export const ReceiverSchema = Type.Union([WebhookReceiver, TelegramReceiver, SlackReceiver, DiscordReceiver, EmailReceiver, NtfyReceiver]);
/** A configured receiver of any channel. */
export type Receiver = Static<typeof ReceiverSchema>;
