import { Type, type Static } from 'typebox';
import { audienceSettings } from '../audience.ts';

/** A webhook that understands Alertmanager's payload (version 4). The whole URL is a secret: path, query and credentials let anybody
 *  send. */
export const WebhookReceiver = Type.Object(
  {
    kind: Type.Enum(['webhook'], { default: 'webhook', description: 'Channel of the receiver.' }),
    ...audienceSettings,
    url: Type.String({
      pattern: '^https?://',
      description: 'URL of the POST; `user:password@` becomes basic authentication.',
      secret: 'url',
    }),
    token: Type.Optional(Type.String({ minLength: 1, description: 'Bearer token.', secret: true })),
    receipts: Type.Boolean({
      default: false,
      description:
        'The receiver reports what arrived, at `POST /api/v1/receipts`; until then nothing is proven. OpenClaw with the plugin does.',
    }),
  },
  { additionalProperties: false },
);
export type WebhookReceiver = Static<typeof WebhookReceiver>;
