import { Type, type Static } from 'typebox';

/** A route: alerts that meet all matchers go to these receivers. */
export const Route = Type.Object(
  {
    matchers: Type.Array(Type.String(), { default: [], description: 'Conditions on labels, all of which must be met; none: every alert.' }),
    receivers: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Names of receivers.' }),
    continue: Type.Boolean({ default: false, description: 'Go on with the routes below.' }),
  },
  { additionalProperties: false },
);
export type Route = Static<typeof Route>;
