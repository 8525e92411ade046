import { Type, type Static } from 'typebox';

/** Who did something, as people read it. */
export const PersonName = Type.Object(
  {
    id: Type.String({ description: 'Id of the actor.' }),
    name: Type.String({ description: 'Display name; of a program on this machine the name that it claims for its user.' }),
  },
  { title: 'Person' },
);
export type PersonName = Static<typeof PersonName>;

const moment = (description: string) => Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });

/** What keeps an alert that fires from notifying people. Times are those of the wall clock. */
export const AlertState = Type.Object(
  {
    acknowledged_by: Type.Union([PersonName, Type.Null()], { description: 'Who works on it: no repeats, no escalation.' }),
    acknowledged_at: moment('Since when.'),
    acknowledged_until: moment('When it notifies again if it still fires; null without a timeout.'),
    snoozed_by: Type.Union([PersonName, Type.Null()]),
    snoozed_until: moment('When it notifies again if it still fires.'),
    silenced_by: Type.Array(Type.String(), { description: 'Ids of the silences that hide it.' }),
    inhibited_by: Type.Array(Type.String(), { description: 'Fingerprints of the alerts whose consequence it is.' }),
  },
  { title: 'AlertState' },
);
export type AlertState = Static<typeof AlertState>;
