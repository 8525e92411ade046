import { Type, type Static } from 'typebox';
import { Alert } from './alert.ts';
import { AlertState } from './alert-state.ts';
import { FOREIGN_ID_PATTERN } from './pattern.ts';

/** An alert as people read it: with what keeps it from notifying them. */
export const AlertView = Type.Object({ ...Alert.properties, ...AlertState.properties }, { title: 'AlertView' });
export type AlertView = Static<typeof AlertView>;

/** Body of `POST /alerts/{id}/acknowledge`. */
export const AcknowledgeInput = Type.Object(
  { comment: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
  { title: 'AcknowledgeInput', additionalProperties: false },
);

/** Body of `POST /alerts/acknowledge`: one acknowledgement for a storm. */
export const AcknowledgeAllInput = Type.Object(
  {
    alert_ids: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: FOREIGN_ID_PATTERN }), {
        minItems: 1,
        maxItems: 10_000,
        description: 'Fingerprints, or ids of anomalies; default: every alert that fires.',
      }),
    ),
    comment: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  { title: 'AcknowledgeAllInput', additionalProperties: false },
);

export const AcknowledgedAlerts = Type.Object(
  {
    acknowledged: Type.Array(Type.String(), { description: "Fingerprints of the alerts that are the caller's now." }),
    taken: Type.Integer({ minimum: 0, description: 'Alerts that had an owner before.' }),
  },
  { title: 'AcknowledgedAlerts' },
);

/** Body of `POST /alerts/{id}/snooze`: an end, or a duration. */
export const SnoozeInput = Type.Object(
  {
    until: Type.Optional(Type.String({ format: 'date-time' })),
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
    comment: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  { title: 'SnoozeInput', additionalProperties: false },
);
