import { Type, type Static } from 'typebox';
import { audienceSettings } from '../audience.ts';

/** A channel of Slack, by an incoming webhook. The whole URL is a secret. */
export const SlackReceiver = Type.Object(
  {
    kind: Type.Enum(['slack']),
    ...audienceSettings,
    url: Type.String({ pattern: '^https?://', description: 'URL of the incoming webhook.', secret: 'url' }),
  },
  { additionalProperties: false },
);
export type SlackReceiver = Static<typeof SlackReceiver>;
