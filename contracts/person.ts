import { ROLES } from './role.ts';
import { Type, type Static } from 'typebox';

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
