import { Type, type Static } from 'typebox';
import { SEVERITIES } from './anomaly-type.ts';
import { PersonName } from './alert-state.ts';
import { NextCursor } from './node.ts';
import { FOREIGN_ID_PATTERN, LOCAL_DAY_PATTERN, TIME_OF_DAY_PATTERN } from './pattern.ts';
import { WEEKDAYS } from './weekday.ts';

const Matchers = Type.Array(Type.String({ minLength: 1, maxLength: 500, examples: ['merchant_id="m-1"', 'type=~"denials.*"'] }), {
  minItems: 1,
  maxItems: 20,
  description: "Conditions on labels, all of which an alert must meet: `=`, `!=`, `=~`, `!~`, as in Alertmanager's API v2.",
});
const MaxSeverity = Type.Enum([...SEVERITIES], {
  description:
    'The worst severity that is hidden; what is worse notifies as always. Default `critical`, or that of the alert it is made from.',
});
const Reason = Type.String({ minLength: 1, maxLength: 500 });
const moment = Type.String({ format: 'date-time' });

/** Body of `POST /silences`: matchers, or the alert that it is made from; an end, or a duration. */
export const SilenceInput = Type.Object(
  {
    matchers: Type.Optional(Matchers),
    alert_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        pattern: FOREIGN_ID_PATTERN,
        description: 'Fingerprint of an alert, or id of its anomaly: hides its cause and no other, up to its severity.',
      }),
    ),
    max_severity: Type.Optional(MaxSeverity),
    starts_at: Type.Optional(Type.String({ format: 'date-time', description: 'Default: now.' })),
    ends_at: Type.Optional(moment),
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200, description: 'Instead of `ends_at`: so long from the start.' })),
    reason: Reason,
  },
  { title: 'SilenceInput', additionalProperties: false },
);
export type SilenceInput = Static<typeof SilenceInput>;

/** Body of `PATCH /silences/{id}`. What it hides stays: another scope is another silence. */
export const SilenceChange = Type.Object(
  {
    ends_at: Type.Optional(moment),
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200, description: 'Instead of `ends_at`: so long from now.' })),
    reason: Type.Optional(Reason),
  },
  { title: 'SilenceChange', additionalProperties: false },
);
export type SilenceChange = Static<typeof SilenceChange>;

/** An alert that a silence hides or hid. */
export const HiddenAlert = Type.Object(
  {
    fingerprint: Type.String(),
    name: Type.String({ examples: ['GuardianLowVolume'] }),
    severity: Type.Enum([...SEVERITIES]),
    labels: Type.Record(Type.String(), Type.String()),
    starts_at: moment,
    hidden_at: Type.String({ format: 'date-time', description: 'Since when the silence hid it, wall clock.' }),
    is_firing: Type.Boolean({ description: 'Whether it fires now.' }),
  },
  { title: 'HiddenAlert' },
);
export type HiddenAlert = Static<typeof HiddenAlert>;

/** Alerts that match do not notify from `starts_at` to `ends_at`. They stay in every list. */
export const Silence = Type.Object(
  {
    id: Type.String({ examples: ['si_3f9c1a7e5b20'] }),
    status: Type.Enum(['pending', 'active', 'expired']),
    matchers: Matchers,
    max_severity: MaxSeverity,
    starts_at: moment,
    ends_at: moment,
    reason: Type.String(),
    created_by: PersonName,
    created_at: moment,
    updated_at: moment,
    ended_by: Type.Union([PersonName, Type.Null()], { description: 'Who ended it before its time.' }),
    maintenance_id: Type.Union([Type.String(), Type.Null()], { description: 'The maintenance window that it belongs to.' }),
    hidden: Type.Array(HiddenAlert, { description: 'What it hides or hid, the newest 100.' }),
    hidden_count: Type.Integer(),
  },
  { title: 'Silence' },
);
export type Silence = Static<typeof Silence>;

/** An alert that only Alertmanager has, of the rules of others, and that somebody acknowledged, snoozed or silenced. */
export const HeldForeignAlert = Type.Object(
  {
    fingerprint: Type.String(),
    name: Type.String({ examples: ['HostDown'] }),
    labels: Type.Record(Type.String(), Type.String()),
    kind: Type.Enum(['acknowledge', 'snooze', 'silence']),
    by: Type.String({ description: 'Name of whoever did.' }),
    at: moment,
    until: moment,
  },
  { title: 'HeldForeignAlert' },
);
export type HeldForeignAlert = Static<typeof HeldForeignAlert>;

/** `DELETE /silences/elsewhere/{fingerprint}`: what held an alert of other rules back has ended. */
export const HeldForeignEnd = Type.Object(
  {
    fingerprint: Type.String(),
    name: Type.String({ examples: ['HostDown'] }),
    not_in: Type.Array(Type.String(), {
      description: 'Names of the Alertmanagers that did not answer: there it ends as soon as they do.',
    }),
  },
  { title: 'HeldForeignEnd' },
);
export type HeldForeignEnd = Static<typeof HeldForeignEnd>;

/** `GET /silences`: those that end last first. */
export const SilencePage = Type.Object(
  {
    items: Type.Array(Silence),
    elsewhere: Type.Array(HeldForeignAlert, {
      description: 'Alerts of other rules, which only Alertmanager has, that are held back now; on every page, whatever `status` is.',
    }),
    next_cursor: NextCursor,
  },
  { title: 'SilencePage' },
);
export type SilencePage = Static<typeof SilencePage>;

const TimeOfDay = Type.String({ pattern: TIME_OF_DAY_PATTERN, examples: ['02:00'] });
const LocalDay = Type.String({ pattern: LOCAL_DAY_PATTERN, examples: ['2026-11-28'] });

/** A window that comes once. */
export const OnceSchedule = Type.Object({ starts_at: moment, ends_at: moment }, { title: 'OnceSchedule', additionalProperties: false });

/** A window that comes every week, by the clocks of a time zone. A time that a clock change skips is the first one after it; of a
 *  time that it repeats the first one counts. */
export const WeeklySchedule = Type.Object(
  {
    days: Type.Array(Type.Enum([...WEEKDAYS]), { minItems: 1, maxItems: 7, uniqueItems: true, description: 'Days on which it begins.' }),
    start: TimeOfDay,
    end: Type.String({ ...TimeOfDay, description: 'At or before `start`: on the next day.' }),
    time_zone: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'IANA zone; default `time_zone` of the configuration.' }),
    ),
    from: Type.Optional(Type.String({ ...LocalDay, description: 'First day on which it may begin.' })),
    until: Type.Optional(Type.String({ ...LocalDay, description: 'Last day on which it may begin.' })),
  },
  { title: 'WeeklySchedule', additionalProperties: false },
);
export type WeeklySchedule = Static<typeof WeeklySchedule>;
export type OnceSchedule = Static<typeof OnceSchedule>;

/** Body of `POST /maintenance`: `once` or `weekly`. */
export const MaintenanceInput = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 120 }),
    matchers: Matchers,
    max_severity: Type.Optional(MaxSeverity),
    once: Type.Optional(OnceSchedule),
    weekly: Type.Optional(WeeklySchedule),
  },
  { title: 'MaintenanceInput', additionalProperties: false },
);
export type MaintenanceInput = Static<typeof MaintenanceInput>;

/** A planned time in which alerts that match do not notify. Each occurrence is a silence of its own, which always ends. */
export const Maintenance = Type.Object(
  {
    id: Type.String({ examples: ['mw_3f9c1a7e5b20'] }),
    status: Type.Enum(['planned', 'active', 'ended']),
    name: Type.String(),
    matchers: Matchers,
    max_severity: MaxSeverity,
    once: Type.Union([OnceSchedule, Type.Null()]),
    weekly: Type.Union([Type.Object({ ...WeeklySchedule.properties, time_zone: Type.String() }), Type.Null()]),
    next: Type.Union([OnceSchedule, Type.Null()], { description: 'The occurrence that is under way, or the next one.' }),
    created_by: PersonName,
    created_at: moment,
    ended_by: Type.Union([PersonName, Type.Null()]),
  },
  { title: 'Maintenance' },
);
export type Maintenance = Static<typeof Maintenance>;

/** `GET /maintenance`: those that come next first. */
export const MaintenanceList = Type.Object({ items: Type.Array(Maintenance) }, { title: 'MaintenanceList' });
export type MaintenanceList = Static<typeof MaintenanceList>;
