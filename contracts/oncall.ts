import { Type, type Static } from 'typebox';
import { PersonName } from './alert-state.ts';
import { SEVERITIES } from './anomaly-type.ts';
import { EscalationPolicy } from './escalation.ts';
import { LOCAL_DAY_PATTERN, TIME_OF_DAY_PATTERN } from './pattern.ts';
import { WEEKDAYS } from './weekday.ts';

const TimeOfDay = (description: string) => Type.String({ pattern: TIME_OF_DAY_PATTERN, description, examples: ['08:00'] });

/** People who take turns. */
export const OnCallLayer = Type.Object(
  {
    people: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      maxItems: 50,
      description: 'Ids of people, in the order of their turns.',
    }),
    starts: Type.String({
      pattern: LOCAL_DAY_PATTERN,
      description: 'Day of the first turn.',
      examples: ['2026-11-02'],
    }),
    hand_over: Type.String({ ...TimeOfDay('When one turn ends and the next begins.'), default: '08:00' }),
    every: Type.String({
      pattern: '^(daily|weekly|[1-9][0-9]{0,2}[dw]|([1-9]|1[0-9]|2[0-4])h)$',
      default: 'weekly',
      examples: ['daily', 'weekly', '3d', '2w', '12h'],
      description: 'Length of a turn by the clocks: `daily`, `weekly`, `3d`, `2w`, `12h`.',
    }),
    days: Type.Optional(
      Type.Array(Type.Enum([...WEEKDAYS]), { minItems: 1, uniqueItems: true, description: 'Only times that begin on these days.' }),
    ),
    from: Type.Optional(TimeOfDay('With `until`: only from this time of day …')),
    until: Type.Optional(TimeOfDay('… to this one; at or before `from`: of the next day.')),
    holidays: Type.Enum(['yes', 'no', 'only'], {
      default: 'yes',
      description: 'Whether the layer counts on holidays of `detect.holidays`.',
    }),
  },
  { additionalProperties: false },
);
export type OnCallLayer = Static<typeof OnCallLayer>;

/** Who is on call when: of the layers that count at a time the last one does. */
export const OnCallSchedule = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', examples: ['night'] }),
    time_zone: Type.Optional(Type.String({ description: 'IANA zone; default `time_zone`.' })),
    layers: Type.Array(OnCallLayer, { minItems: 1, maxItems: 20 }),
  },
  { additionalProperties: false },
);
export type OnCallSchedule = Static<typeof OnCallSchedule>;

const moment = (description = '') => Type.String({ format: 'date-time', ...(description === '' ? {} : { description }) });
const maybe = (description: string) => Type.Union([moment(), Type.Null()], { description });
const Who = Type.Union([PersonName, Type.Null()], { description: 'Null: nobody.' });

/** Who is on call of one schedule. */
export const OnCallNow = Type.Object(
  {
    schedule: Type.String(),
    time_zone: Type.String(),
    person: Who,
    until: maybe('When somebody else, or nobody, takes over; null: not within 400 days.'),
    next: Type.Union([Type.Object({ person: PersonName, at: moment() }), Type.Null()], { description: 'Who comes next, and when.' }),
    change_id: Type.Union([Type.String(), Type.Null()], { description: 'The override or swap that puts this person here.' }),
  },
  { title: 'OnCallNow' },
);
export type OnCallNow = Static<typeof OnCallNow>;
export const OnCallList = Type.Object({ items: Type.Array(OnCallNow) }, { title: 'OnCallList' });
export type OnCallList = Static<typeof OnCallList>;

/** A stretch of time with one person. */
export const OnCallShift = Type.Object(
  { schedule: Type.String(), person: Who, starts_at: moment(), ends_at: moment() },
  { title: 'OnCallShift' },
);
export type OnCallShift = Static<typeof OnCallShift>;
export const OnCallShiftList = Type.Object({ items: Type.Array(OnCallShift) }, { title: 'OnCallShiftList' });
export type OnCallShiftList = Static<typeof OnCallShiftList>;

/** Somebody in the place of whom the layers name. */
export const OnCallChange = Type.Object(
  {
    id: Type.String({ examples: ['oc_3f9c1a7e5b20'] }),
    schedule: Type.String(),
    person: PersonName,
    starts_at: moment(),
    ends_at: moment(),
    swap_id: Type.Union([Type.String(), Type.Null()], { description: 'Both halves of a swap have it, and end together.' }),
    reason: Type.String(),
    created_by: PersonName,
    created_at: moment(),
    ended_at: maybe('When somebody took it back.'),
  },
  { title: 'OnCallChange' },
);
export type OnCallChange = Static<typeof OnCallChange>;
export const OnCallChangeList = Type.Object({ items: Type.Array(OnCallChange) }, { title: 'OnCallChangeList' });
export type OnCallChangeList = Static<typeof OnCallChangeList>;

/** Body of `POST /oncall/overrides`. */
export const OnCallOverrideInput = Type.Object(
  {
    schedule: Type.String({ minLength: 1, maxLength: 32 }),
    person: Type.String({ minLength: 1, maxLength: 32, description: 'Id of who takes over.' }),
    starts_at: moment(),
    ends_at: moment(),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { title: 'OnCallOverrideInput', additionalProperties: false },
);
export type OnCallOverrideInput = Static<typeof OnCallOverrideInput>;

/** Body of `POST /oncall/swaps`: the shifts of two people are exchanged. */
export const OnCallSwapInput = Type.Object(
  {
    schedule: Type.String({ minLength: 1, maxLength: 32 }),
    at: moment('Any moment of the one shift.'),
    with: moment('Any moment of the other shift.'),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { title: 'OnCallSwapInput', additionalProperties: false },
);
export type OnCallSwapInput = Static<typeof OnCallSwapInput>;

/** `GET /oncall/policy`: how rotations and the escalation are configured. */
export const OnCallPolicy = Type.Object(
  {
    schedules: Type.Array(OnCallSchedule),
    escalation: Type.Array(EscalationPolicy),
    quiet_hours: Type.Union(
      [Type.Object({ from: Type.String(), until: Type.String(), severities: Type.Array(Type.Enum([...SEVERITIES])) }), Type.Null()],
      { description: 'When steps of these severities wait; null: never.' },
    ),
    people: Type.Array(PersonName, { description: 'Who can be on call.' }),
  },
  { title: 'OnCallPolicy' },
);
export type OnCallPolicy = Static<typeof OnCallPolicy>;
