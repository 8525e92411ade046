import { Type, type Static } from 'typebox';

const Position = Type.Record(Type.String(), Type.Integer({ minimum: 0 }));

/** `GET /progress`: positions in the logs, by partition. Each is the number of the record that comes next, and never falls. What
 *  was accepted at a look is counted when every `counted` has reached the `accepted` of that look, and judged when every
 *  `judged` has reached the `closed` of a look at which it was counted. */
export const Progress = Type.Object(
  {
    accepted: Type.Unsafe<Readonly<Record<string, number>>>({ ...Position, description: 'Records on the log.' }),
    counted: Type.Unsafe<Readonly<Record<string, number>>>({ ...Position, description: 'Records that are counted into minutes.' }),
    closed: Type.Unsafe<Readonly<Record<string, number>>>({
      ...Position,
      description: 'Closed and corrected minutes, with those that are not yet on the log.',
    }),
    judged: Type.Unsafe<Readonly<Record<string, number>>>({ ...Position, description: 'Closed and corrected minutes that are judged.' }),
  },
  { title: 'Progress' },
);
export type Progress = Static<typeof Progress>;
