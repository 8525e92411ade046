import { Type, type Static } from 'typebox';
import { audienceSettings } from '../audience.ts';

/** A topic of ntfy, on ntfy.sh or a server of yours. Who knows the name of a topic can read it: it is a secret. */
export const NtfyReceiver = Type.Object(
  {
    kind: Type.Enum(['ntfy']),
    ...audienceSettings,
    server_url: Type.String({ pattern: '^https?://', default: 'https://ntfy.sh', description: 'Address of the server.' }),
    topic: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Name of the topic.', secret: true }),
    token: Type.Optional(Type.String({ minLength: 1, description: 'Access token.', secret: true })),
  },
  { additionalProperties: false },
);
export type NtfyReceiver = Static<typeof NtfyReceiver>;
