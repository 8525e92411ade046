import { Type } from 'typebox';

/** What several API processes share on a Redis server. */
export const RedisSchema = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        minLength: 1,
        pattern: '^rediss?://',
        description:
          'Redis server for what several API processes share: `rediss://user:password@host:6379/0`. Not set: each knows only its own.',
        secret: true,
      }),
    ),
    prefix: Type.String({
      pattern: '^[\\w:.-]{1,64}$',
      default: 'guardian:',
      description: 'Start of the name of every key: several installations may share a server.',
    }),
    connect_timeout_s: Type.Number({ exclusiveMinimum: 0, default: 5, description: 'Longest wait for a connection to the Redis server.' }),
    command_timeout_ms: Type.Integer({
      minimum: 1,
      default: 100,
      description: 'Longest wait for an answer of the Redis server; after it the process goes on with what it knows itself.',
    }),
  },
  { additionalProperties: false },
);
