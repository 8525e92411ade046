import { Type, type Static } from 'typebox';

/** A Prometheus Alertmanager (API v2). */
export const AlertmanagerTarget = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'Name of the instance on every screen.' }),
    url: Type.String({
      pattern: '^https?://',
      description: 'Address without `/api/v2`; `user:password@` becomes basic authentication.',
      secret: 'url',
    }),
    token: Type.Optional(Type.String({ minLength: 1, description: 'Bearer token.', secret: true })),
  },
  { additionalProperties: false },
);
export type AlertmanagerTarget = Static<typeof AlertmanagerTarget>;
