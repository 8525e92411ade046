import { Type, type Static } from 'typebox';
import { SEVERITIES } from './anomaly-type.ts';

const names = (description: string) => Type.Array(Type.String({ minLength: 1 }), { default: [], description });

/** Who is to be notified so long after an alert began, while nobody has acknowledged it. */
export const EscalationStep = Type.Object(
  {
    after_minutes: Type.Number({
      minimum: 0,
      maximum: 10_080,
      description: 'Minutes since the alert began, without those of acknowledgements.',
    }),
    receivers: names('Names of receivers that get the message of this step.'),
    schedules: names('Schedules whose person on call it is for.'),
    people: names('Ids of people whom it is for.'),
  },
  { additionalProperties: false },
);
export type EscalationStep = Static<typeof EscalationStep>;

/** A step that was taken at once. */
export const EscalatedAlert = Type.Object(
  {
    step: Type.Integer({ minimum: 1, description: 'Which step of the policy.' }),
    steps: Type.Integer({ minimum: 1, description: 'Steps of the policy.' }),
    people: Type.Array(Type.String(), { description: 'Names of whom it is for.' }),
    receivers: Type.Array(Type.String(), { description: 'Receivers that get its message.' }),
  },
  { title: 'EscalatedAlert' },
);
export type EscalatedAlert = Static<typeof EscalatedAlert>;

/** Steps for alerts of some severities. */
export const EscalationPolicy = Type.Object(
  {
    severities: Type.Array(Type.Enum([...SEVERITIES]), { minItems: 1, uniqueItems: true }),
    steps: Type.Array(EscalationStep, { minItems: 1, maxItems: 20 }),
  },
  { additionalProperties: false },
);
export type EscalationPolicy = Static<typeof EscalationPolicy>;
