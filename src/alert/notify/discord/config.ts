import { Type, type Static } from 'typebox';
import { audienceSettings } from '../audience.ts';

/** A channel of Discord, by a webhook. The whole URL is a secret. */
export const DiscordReceiver = Type.Object(
  {
    kind: Type.Enum(['discord']),
    ...audienceSettings,
    url: Type.String({ pattern: '^https?://', description: 'URL of the webhook of the channel.', secret: 'url' }),
  },
  { additionalProperties: false },
);
export type DiscordReceiver = Static<typeof DiscordReceiver>;
