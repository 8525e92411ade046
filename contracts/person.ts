import { Type, type Static } from 'typebox';

/** What a person may do, from the least to the most; each role includes those before it. `viewer`: look; `operator`: act;
 *  `approver`: confirm what somebody else asked for; `admin`: undo what others did, and give access. */
export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Channels on which a person is known by an account: `telegram:777`. */
export const ACCOUNT_CHANNELS = ['telegram', 'whatsapp', 'slack', 'discord'] as const;
export type AccountChannel = (typeof ACCOUNT_CHANNELS)[number];

/** Places with one person each: whoever uses the commands of `guardian`, or a console link that is nobody's own. */
export const PLACES = ['cli', 'console'] as const;

/** Ids of actors that are nobody. */
export const RESERVED_IDS = ['local', 'service', 'guardian', 'unknown', ...PLACES] as const;

/** Somebody who may look, act or be on call. */
export const Person = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,31}$',
      description: 'Stable id, which the audit keeps: never given to somebody else.',
      examples: ['ana'],
    }),
    name: Type.String({ minLength: 1, maxLength: 64, description: 'Display name.' }),
    language: Type.Optional(Type.Enum(['pt-BR', 'en'], { description: 'Language of messages to this person; default: `locale`.' })),
    roles: Type.Array(Type.Enum([...ROLES]), { minItems: 1, description: 'What this person may do.' }),
    identities: Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
      default: [],
      description:
        'Accounts by channel: `telegram:777`, `whatsapp:+5511987654321`, `slack:U0123ABC`, `discord:80351110224678912`, `cli`, `console`.',
    }),
  },
  { additionalProperties: false },
);
export type Person = Static<typeof Person>;
