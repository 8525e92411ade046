import type { AlertState } from './alert-state.ts';
import { Type, type Static } from 'typebox';
import { ANOMALY_TYPES, SEVERITIES } from './anomaly-type.ts';
import { Slice } from './anomaly.ts';

/** One alert: the notification of one cause. Opened, updated and resolved with its anomaly. */
export const Alert = Type.Object(
  {
    fingerprint: Type.String({
      description: 'Hash of the labels: the same cause has the same fingerprint.',
      examples: ['9c1185a5c5e9fc54'],
    }),
    status: Type.Enum(['firing', 'resolved']),
    name: Type.String({ description: 'Prometheus-style alert name.', examples: ['GuardianDenialsAboveNormal'] }),
    type: Type.Enum([...ANOMALY_TYPES]),
    severity: Type.Enum([...SEVERITIES]),
    summary: Type.String(),
    description: Type.String(),
    action: Type.String({ description: 'What to do first.' }),
    runbook: Type.Union([Type.String(), Type.Null()]),
    slice: Slice,
    labels: Type.Record(Type.String(), Type.String()),
    annotations: Type.Record(Type.String(), Type.String()),
    starts_at: Type.String({ format: 'date-time' }),
    ends_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    updated_at: Type.String({ format: 'date-time' }),
    anomaly_id: Type.String(),
    backfill: Type.Boolean(),
  },
  { title: 'Alert' },
);
export type Alert = Static<typeof Alert>;

/** What the bus carries on `guardian.alerts`. */
export interface AlertEvent {
  readonly v: 1;
  readonly event: 'opened' | 'updated' | 'resolved';
  readonly alert: Alert;
  /** The same alert in other languages, by locale. */
  readonly translations?: Readonly<Record<string, Alert>>;
  /** What keeps it from notifying people; absent in events of earlier releases. */
  readonly state?: AlertState;
}

/** Body of Alertmanager's webhook, version 4 (prometheus.io/docs/alerting/latest/configuration/#webhook_config). */
export interface WebhookPayload {
  readonly version: '4';
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly status: 'firing' | 'resolved';
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalURL: string;
  readonly alerts: readonly WebhookAlert[];
}
export interface WebhookAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}
