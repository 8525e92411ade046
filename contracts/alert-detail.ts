import { Type, type Static } from 'typebox';
import { AlertView } from './alert-view.ts';
import { SEVERITIES } from './anomaly-type.ts';
import { INCIDENT_STATES } from './incident-state.ts';
import { AnomalyView } from './read.ts';
import { RUN_STATES } from './runbook-word.ts';

const moment = (description = '') => Type.String({ format: 'date-time', ...(description === '' ? {} : { description }) });
const maybe = (description: string) => Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });
const text = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

/** What a timeline of an alert records. `began` and `resolved` are event time, all others the wall clock of the server. */
export const ALERT_ENTRY_KINDS = [
  'began',
  'fired',
  'delivered',
  'acknowledged',
  'acknowledge_ended',
  'snoozed',
  'snooze_ended',
  'silenced',
  'silence_ended',
  'escalated',
  'verdict',
  'resolved',
] as const;

/** One line of it. */
export const AlertEntry = Type.Object(
  {
    at: moment(),
    kind: Type.Enum([...ALERT_ENTRY_KINDS]),
    by: text('Name of who did it; null: the program.'),
    receivers: Type.Array(Type.String(), { description: 'Of `delivered` and `escalated`.' }),
    people: Type.Array(Type.String(), { description: 'Names of whom an escalation was for.' }),
    detail: text(
      'A comment, the reason of a silence, the verdict, or how it ended: `withdrawn`, `replaced`, `timeout`, `worse`, `resolved`.',
    ),
    until: maybe('When it ends by itself.'),
  },
  { title: 'AlertEntry' },
);
export type AlertEntry = Static<typeof AlertEntry>;

/** One message about an alert to one receiver. */
export const AlertDelivery = Type.Object(
  {
    receiver: Type.String(),
    status: Type.Enum(['firing', 'resolved'], { description: 'What it says.' }),
    state: Type.Enum(['pending', 'delivered', 'failed', 'dropped']),
    attempts: Type.Integer({ minimum: 0 }),
    queued_at: moment(),
    delivered_at: maybe('When the receiver took it.'),
    received_at: maybe('When it is proven to have arrived; null: nothing proves it.'),
    read_at: maybe('When somebody read it, where the channel says so.'),
    next_attempt_at: maybe('When it is sent next; null: not again.'),
    error: text('Why the last attempt failed.'),
  },
  { title: 'AlertDelivery' },
);
export type AlertDelivery = Static<typeof AlertDelivery>;

/** An earlier anomaly of the same type in the same part of the traffic, and what people did about it. */
export const SimilarAnomaly = Type.Object(
  {
    anomaly_id: Type.String(),
    severity: Type.Enum([...SEVERITIES]),
    started_at: moment(),
    duration_minutes: Type.Integer({ minimum: 0 }),
    useful: Type.Integer({ minimum: 0, description: 'Verdicts in force.' }),
    noise: Type.Integer({ minimum: 0 }),
    comment: text('The newest comment of a verdict on it.'),
    acknowledged_by: text('Name of who acknowledged it first.'),
    incident: text('Id of its incident.'),
    runs: Type.Array(Type.Object({ id: Type.String(), runbook: Type.String(), state: Type.Enum([...RUN_STATES]) }), {
      description: 'Runbooks that ran while it was open, or that it started.',
    }),
  },
  { title: 'SimilarAnomaly' },
);
export type SimilarAnomaly = Static<typeof SimilarAnomaly>;

/** `GET /alerts/{id}`: an alert with everything that is known of it. */
export const AlertDetail = Type.Object(
  {
    alert: AlertView,
    anomaly: Type.Union([AnomalyView, Type.Null()], { description: 'null: past its retention.' }),
    incident: Type.Union([Type.Object({ id: Type.String(), title: Type.String(), state: Type.Enum([...INCIDENT_STATES]) }), Type.Null()]),
    timeline: Type.Array(AlertEntry, { description: 'Oldest first.' }),
    deliveries: Type.Array(AlertDelivery, { description: 'The first 200, oldest first.' }),
    helped: Type.Array(
      Type.Object({
        runbook: Type.String(),
        runs: Type.Integer(),
        helped: Type.Integer({ description: 'Runs soon after which it was over.' }),
      }),
      { description: 'Runbooks that ran while similar ones were open, those that helped most first.' },
    ),
    similar: Type.Array(SimilarAnomaly, { description: 'Of the last 90 days, newest first, at most 10.' }),
  },
  { title: 'AlertDetail' },
);
export type AlertDetail = Static<typeof AlertDetail>;
