import { Type, type Static } from 'typebox';
import { audienceSettings } from '../audience.ts';

/** A chat of Telegram, by the Bot API itself. */
export const TelegramReceiver = Type.Object(
  {
    kind: Type.Enum(['telegram']),
    ...audienceSettings,
    bot_token: Type.String({ pattern: '^[0-9]+:[A-Za-z0-9_-]+$', description: 'Token of the bot, from @BotFather.', secret: true }),
    chat_id: Type.String({
      pattern: '^(-?[0-9]+|@[A-Za-z0-9_]+)$',
      description: 'Id of the chat, or `@name` of a channel, in quotes.',
      examples: ['777'],
    }),
    thread_id: Type.Optional(Type.Integer({ minimum: 1, description: 'Topic of a group with topics.' })),
    api_url: Type.String({ pattern: '^https?://', default: 'https://api.telegram.org', description: 'Of a Bot API server of your own.' }),
  },
  { additionalProperties: false },
);
export type TelegramReceiver = Static<typeof TelegramReceiver>;
