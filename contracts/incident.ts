import { Type, type Static } from 'typebox';
import { ActorIdentity } from './actor.ts';
import { ANOMALY_TYPES, SEVERITIES } from './anomaly-type.ts';
import { Money } from './anomaly.ts';
import { ENTRY_KINDS, INCIDENT_STATES, MAX_INCIDENT_NOTE, MAX_INCIDENT_TITLE, PRIORITIES } from './incident-state.ts';
import { NextCursor } from './node.ts';

const time = (description: string) => Type.String({ format: 'date-time', description });
const maybe = (description: string) => Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });
const seconds = (description: string) => Type.Union([Type.Number({ minimum: 0 }), Type.Null()], { description });
const Title = Type.String({ minLength: 1, maxLength: MAX_INCIDENT_TITLE, examples: ['Acquirer acq-1 declines everything'] });
const Fingerprints = Type.Array(Type.String({ pattern: '^[0-9a-f]{16}$' }), { maxItems: 100 });

/** An alert of an incident. */
export const IncidentAlert = Type.Object(
  {
    fingerprint: Type.String(),
    starts_at: time('When the alert began, event time; with the fingerprint it names one alert.'),
    name: Type.String(),
    type: Type.Enum([...ANOMALY_TYPES]),
    severity: Type.Enum([...SEVERITIES]),
    summary: Type.String(),
    status: Type.Enum(['firing', 'resolved']),
    anomaly_id: Type.String(),
  },
  { title: 'IncidentAlert' },
);
export type IncidentAlert = Static<typeof IncidentAlert>;

/** Times from one step of the response to another, seconds; null where a step has not happened. */
export const IncidentTimes = Type.Object(
  {
    to_detect_s: seconds('First bad minute to detection.'),
    to_deliver_s: seconds('Detection to the first message that a receiver took.'),
    to_acknowledge_s: seconds(
      'Detection to the first acknowledgement, owner or change of state by a person; null without an alert, and where somebody had opened the incident before.',
    ),
    to_resolve_s: seconds('First bad minute to resolution; without an alert from the opening.'),
  },
  { title: 'IncidentTimes' },
);
export type IncidentTimes = Static<typeof IncidentTimes>;

/** Something that people respond to: alerts of one cause, or what somebody reported. */
export const Incident = Type.Object(
  {
    id: Type.String({ examples: ['inc-12'] }),
    number: Type.Integer({ minimum: 1 }),
    title: Type.String(),
    priority: Type.Enum([...PRIORITIES]),
    proposed_priority: Type.Enum([...PRIORITIES], { description: 'From the severity and the place of its alerts.' }),
    state: Type.Enum([...INCIDENT_STATES]),
    owner: Type.Union([ActorIdentity, Type.Null()]),
    opened_by: Type.Union([ActorIdentity, Type.Null()], { description: 'null: a critical alert that nobody acknowledged in time.' }),
    opened_at: time('Clock of the server.'),
    first_bad_minute: maybe('Of its alerts, event time.'),
    detected_at: maybe('When its first alert was stored, clock of the server.'),
    delivered_at: maybe('When a receiver first took a message about it.'),
    acknowledged_at: maybe('When a person first took it up.'),
    resolved_at: maybe('When it was resolved last; null while it is open.'),
    updated_at: time('Last entry of the timeline.'),
    firing: Type.Integer({ minimum: 0, description: 'Alerts of it that fire now.' }),
    alerts: Type.Array(IncidentAlert),
    lost_transactions: Type.Number({ minimum: 0 }),
    lost_by_currency: Type.Array(Money),
    times: IncidentTimes,
  },
  { title: 'Incident' },
);
export type Incident = Static<typeof Incident>;

/** One line of the timeline. */
export const IncidentEntry = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    at: time('Clock of the server.'),
    kind: Type.Enum([...ENTRY_KINDS]),
    actor: Type.Union([ActorIdentity, Type.Null()], { description: 'null: the program.' }),
    text: Type.String({ description: 'In the language of the reader.' }),
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'The facts behind the text; of a snapshot the minutes of its chart.' }),
  },
  { title: 'IncidentEntry' },
);
export type IncidentEntry = Static<typeof IncidentEntry>;

export const IncidentDetail = Type.Object({ incident: Incident, timeline: Type.Array(IncidentEntry) }, { title: 'IncidentDetail' });
export type IncidentDetail = Static<typeof IncidentDetail>;

export const IncidentPage = Type.Object({ items: Type.Array(Incident), next_cursor: NextCursor }, { title: 'IncidentPage' });
export type IncidentPage = Static<typeof IncidentPage>;

/** Opens an incident. */
export const IncidentInput = Type.Object(
  {
    title: Title,
    priority: Type.Optional(Type.Enum([...PRIORITIES], { description: 'Default: what the alerts propose; P3 without any.' })),
    alerts: Type.Optional(Fingerprints),
  },
  { title: 'IncidentInput', additionalProperties: false },
);
export type IncidentInput = Static<typeof IncidentInput>;

/** Changes an incident; an absent field stays. */
export const IncidentChange = Type.Object(
  {
    title: Type.Optional(Title),
    priority: Type.Optional(Type.Enum([...PRIORITIES])),
    state: Type.Optional(Type.Enum([...INCIDENT_STATES])),
    owner: Type.Optional(Type.Enum(['me', 'nobody'])),
    alerts: Type.Optional(Fingerprints),
  },
  { title: 'IncidentChange', additionalProperties: false, minProperties: 1 },
);
export type IncidentChange = Static<typeof IncidentChange>;

export const IncidentNote = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: MAX_INCIDENT_NOTE }) },
  { title: 'IncidentNote', additionalProperties: false },
);
export type IncidentNote = Static<typeof IncidentNote>;

const mean = (description: string) => Type.Union([Type.Number({ minimum: 0 }), Type.Null()], { description });

/** Figures of the incidents that were opened in a period. */
export const IncidentFigures = Type.Object(
  {
    priority: Type.Union([Type.Enum([...PRIORITIES]), Type.Null()], { description: 'null: all of them.' }),
    count: Type.Integer({ minimum: 0 }),
    open: Type.Integer({ minimum: 0 }),
    mean_to_detect_s: mean('MTTD: first bad minute to detection.'),
    mean_to_deliver_s: mean('Detection to the first message that a receiver took.'),
    mean_to_acknowledge_s: mean('MTTA: detection to the first act of a person, of incidents with an alert.'),
    mean_to_resolve_s: mean('MTTR: first bad minute, or the opening where that came first, to resolution.'),
    mean_between_s: mean(
      'MTBF: mean time without an incident between failures; those that overlap are one, one that is open goes on. Null for fewer than two failures.',
    ),
  },
  { title: 'IncidentFigures' },
);
export type IncidentFigures = Static<typeof IncidentFigures>;

export const IncidentFiguresPage = Type.Object(
  { from: time('Begin of the period.'), to: time('End of the period, exclusive.'), items: Type.Array(IncidentFigures) },
  { title: 'IncidentFiguresPage' },
);
export type IncidentFiguresPage = Static<typeof IncidentFiguresPage>;
