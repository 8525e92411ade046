import { Type, type Static } from 'typebox';
import { DiscordReceiver } from '../alert/notify/discord/config.ts';
import { EmailReceiver } from '../alert/notify/email/config.ts';
import { NtfyReceiver } from '../alert/notify/ntfy/config.ts';
import { SlackReceiver } from '../alert/notify/slack/config.ts';
import { TelegramReceiver } from '../alert/notify/telegram/config.ts';
import { WebhookReceiver } from '../alert/notify/webhook/config.ts';

/** An entry of `alert.receivers`: `kind` names its channel, `webhook` when it is not there. */
export const ReceiverSchema = Type.Union([WebhookReceiver, TelegramReceiver, SlackReceiver, DiscordReceiver, EmailReceiver, NtfyReceiver]);
export type ReceiverConfig = Static<typeof ReceiverSchema>;
