import { Type, type Static } from 'typebox';

const matchers = (description: string) => Type.Array(Type.String(), { minItems: 1, description });

/** A rule of inhibition: while an alert that meets the source fires, those that meet the target do not notify. */
export const InhibitRule = Type.Object(
  {
    source_matchers: matchers('What the cause is.'),
    target_matchers: matchers('What its consequences are.'),
    equal: Type.Array(Type.String(), { default: [], description: 'Labels that must have the same value on both.' }),
  },
  { additionalProperties: false },
);
export type InhibitRule = Static<typeof InhibitRule>;
