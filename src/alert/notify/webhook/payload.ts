import type { WebhookAlert, WebhookPayload } from '@transaction-guardian/contracts/alert.ts';
import { groupLabelsOf } from '../../group.ts';
import { wireLabels } from '../../wire-labels.ts';
import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { alertsInOrder, messageStatus } from '../../message.ts';

/** Go's zero time, which Alertmanager writes while an alert fires. */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/** Most alerts in one message; the least severe ones beyond it are only counted. */
export const MAX_ALERTS = 100;

/** Builds the body of Alertmanager's webhook, version 4: firing alerts first, the most severe at the top. Pure. */
export function webhookPayload(message: Message): WebhookPayload {
  const all = alertsInOrder(message);
  const alerts = all
    .slice(0, MAX_ALERTS)
    .map((alert, index) => webhookAlert(withMissed(alert, message.missed, index === 0), message.externalUrl));
  return {
    version: '4',
    groupKey: message.groupKey,
    truncatedAlerts: all.length - alerts.length,
    status: messageStatus(message),
    receiver: message.receiver,
    groupLabels: wireLabels(groupLabelsOf(message.groupKey)),
    commonLabels: common(alerts.map((alert) => alert.labels)),
    commonAnnotations: common(alerts.map((alert) => alert.annotations)),
    externalURL: message.externalUrl,
    alerts,
  };
}

/** Every alert carries what was missed as an annotation, the first one also as lines of the texts that people read. */
function withMissed(alert: NotifiedAlert, missed: readonly string[], isFirst: boolean): NotifiedAlert {
  if (missed.length === 0) return alert;
  const lines = missed.join('\n');
  const annotations: Record<string, string> = { ...alert.annotations, missed: lines };
  if (isFirst) {
    for (const name of ['summary', 'message']) annotations[name] = `${annotations[name] ?? ''}\n${lines}`;
  }
  return { ...alert, annotations };
}

function webhookAlert(alert: NotifiedAlert, externalUrl: string): WebhookAlert {
  return {
    status: alert.status,
    labels: wireLabels(alert.labels),
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
