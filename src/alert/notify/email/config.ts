import { Type, type Static } from 'typebox';
import { audienceSettings } from '../audience.ts';

const ADDRESS = String.raw`^[^\s@<>",;]+@[^\s@<>",;]+$`;

/** A mailbox, by SMTP. One address: what one of several does not accept would be lost unseen. */
export const EmailReceiver = Type.Object(
  {
    kind: Type.Enum(['email']),
    ...audienceSettings,
    host: Type.String({ minLength: 1, description: 'SMTP server.' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587 }),
    tls: Type.Enum(['starttls', 'implicit', 'none'], {
      default: 'starttls',
      description:
        '`starttls`: nothing is sent before TLS; `implicit`: TLS from the first byte (port 465); `none`: a relay on this machine.',
    }),
    ca_file: Type.Optional(
      Type.String({ minLength: 1, description: 'PEM file with the authority of a server with a certificate of your own.' }),
    ),
    user: Type.Optional(Type.String({ minLength: 1 })),
    password: Type.Optional(Type.String({ minLength: 1, description: 'Needs `user` and TLS.', secret: true })),
    from: Type.String({ pattern: ADDRESS, description: 'Sender.', examples: ['guardian@example.com'] }),
    to: Type.String({ pattern: ADDRESS, description: 'Recipient; a mailing list for several.', examples: ['night-shift@example.com'] }),
  },
  { additionalProperties: false },
);
export type EmailReceiver = Static<typeof EmailReceiver>;
