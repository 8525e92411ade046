import { Type, type Static } from 'typebox';
import { Alert } from './alert.ts';
import { AlertState } from './alert-state.ts';

/** An alert as people read it: with what keeps it from notifying them. */
export const AlertView = Type.Object({ ...Alert.properties, ...AlertState.properties }, { title: 'AlertView' });
export type AlertView = Static<typeof AlertView>;

/** Body of `POST /alerts/{id}/acknowledge`. */
export const AcknowledgeInput = Type.Object(
  { comment: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
  { title: 'AcknowledgeInput', additionalProperties: false },
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
