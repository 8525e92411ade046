import { createHash } from 'node:crypto';
import type { Alert, WebhookAlert, WebhookPayload } from '@transaction-guardian/contracts/alert.ts';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly.ts';
import { groupLabelsOf } from '../group.ts';

/** Go's zero time, which Alertmanager writes while an alert fires. */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/** Most alerts in one message; the least severe ones beyond it are only counted. */
export const MAX_ALERTS = 100;

/** What a message says of an alert. */
export type ToldAlert = Pick<Alert, 'status' | 'severity' | 'labels' | 'annotations' | 'starts_at' | 'ends_at' | 'fingerprint'>;

export interface Message {
  readonly receiver: string;
  readonly groupKey: string;
  readonly firing: readonly ToldAlert[];
  readonly resolved: readonly ToldAlert[];
  /** What began and ended before this receiver took a message about it, a line each. */
  readonly missed?: readonly string[];
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
}

/** Builds the body of Alertmanager's webhook, version 4: firing alerts first, the most severe at the top. Pure. */
export function webhookPayload(message: Message): WebhookPayload {
  const all = [...bySeverity(message.firing), ...bySeverity(message.resolved)];
  const alerts = all
    .slice(0, MAX_ALERTS)
    .map((alert, index) => webhookAlert(withMissed(alert, message.missed ?? [], index === 0), message.externalUrl));
  return {
    version: '4',
    groupKey: message.groupKey,
    truncatedAlerts: all.length - alerts.length,
    status: message.firing.length > 0 ? 'firing' : 'resolved',
    receiver: message.receiver,
    groupLabels: groupLabelsOf(message.groupKey),
    commonLabels: common(alerts.map((alert) => alert.labels)),
    commonAnnotations: common(alerts.map((alert) => alert.annotations)),
    externalURL: message.externalUrl,
    alerts,
  };
}

/** Id of a message: the same message of the same group always has the same one. `number`: its place in the group. */
export function notificationId(receiver: string, groupKey: string, number: number, contentHash: string): string {
  const hash = createHash('sha256').update(JSON.stringify([receiver, groupKey, number, contentHash]));
  return `nt_${hash.digest('hex').slice(0, 20)}`;
}

function bySeverity(alerts: readonly ToldAlert[]): ToldAlert[] {
  return alerts.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** Every alert carries what was missed as an annotation, the first one also as lines of the texts that people read. */
function withMissed(alert: ToldAlert, missed: readonly string[], isFirst: boolean): ToldAlert {
  if (missed.length === 0) return alert;
  const lines = missed.join('\n');
  const annotations: Record<string, string> = { ...alert.annotations, missed: lines };
  if (isFirst) {
    for (const name of ['summary', 'message']) annotations[name] = `${annotations[name] ?? ''}\n${lines}`;
  }
  return { ...alert, annotations };
}

function webhookAlert(alert: ToldAlert, externalUrl: string): WebhookAlert {
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: alert.starts_at,
    endsAt: alert.ends_at ?? NOT_ENDED,
    generatorURL: alert.annotations['url'] ?? externalUrl,
    fingerprint: alert.fingerprint,
  };
}

function common(maps: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...rest] = maps;
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => rest.every((map) => map[name] === value)));
}
