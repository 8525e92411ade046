import type { AlertDelivery, AlertDetail, SimilarAnomaly } from '@transaction-guardian/contracts/alert-detail.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Sql } from '../store/database.ts';
import {
  listAftermath,
  listEscalationSteps,
  listHidings,
  listMessagesAbout,
  listResponses,
  readSeen,
  type MessageRow,
} from '../store/verbs/alert/alert-history.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { readAnomaly } from '../store/verbs/anomaly/list-anomalies.ts';
import { listSimilar } from '../store/verbs/anomaly/similar-anomalies.ts';
import { HELPED_MS, readRunsDuring } from '../store/verbs/runbook/runs-during.ts';
import { listFeedback } from '../store/verbs/feedback/list-feedback.ts';
import { alertTimeline } from './alert-timeline.ts';
import { viewAnomaly } from './anomaly-view.ts';

export interface AlertDetailOptions {
  readonly locale: Locale;
  readonly timeZone: string;
  /** The wall clock, epoch milliseconds. */
  readonly now: number;
  /** Name of a person by the id. */
  readonly nameOf: (id: string) => string;
}

const SIMILAR_SHOWN = 10;
/** Messages about the end of an alert come after it. */
const AFTER_MS = 86_400_000;

/** Everything that is known of an alert. `id`: of its anomaly, or its fingerprint, which names the newest. Null: there is none. */
export async function readAlertDetail(sql: Sql, id: string, options: AlertDetailOptions): Promise<AlertDetail | null> {
  const { locale, timeZone, nameOf } = options;
  const byAnomaly = await listAlerts(sql, { anomalyId: id }, { limit: 1 }, locale);
  const alert = byAnomaly.items[0] ?? (await listAlerts(sql, { fingerprint: id }, { limit: 1 }, locale)).items[0];
  if (alert === undefined) return null;
  const key = { fingerprint: alert.fingerprint, startsAt: Date.parse(alert.starts_at), anomalyId: alert.anomaly_id };
  const [anomaly, seen] = await Promise.all([readAnomaly(sql, alert.anomaly_id), readSeen(sql, key)]);
  // Without the time of the wall clock, that of the events: they are the same but in a replay.
  const from = seen?.seenAt ?? key.startsAt;
  const to = alert.ends_at === null ? options.now + 1 : Math.max(from, Date.parse(alert.updated_at), Date.parse(alert.ends_at)) + AFTER_MS;
  const [responses, hidings, steps, messages, verdicts, similar] = await Promise.all([
    listResponses(sql, [alert.anomaly_id]),
    listHidings(sql, key),
    listEscalationSteps(sql, alert.anomaly_id),
    listMessagesAbout(sql, key, { from: Math.min(from, key.startsAt), to }),
    listFeedback(sql, { anomalyId: alert.anomaly_id, inForce: true }, { limit: 50 }),
    anomaly === null ? NONE : similarOf(sql, anomaly),
  ]);
  const { items } = verdicts;
  const detectedAt = anomaly === null ? null : Date.parse(anomaly.detected_at);
  const firedAt = seen?.seenAt ?? detectedAt;
  return {
    alert,
    anomaly: anomaly === null ? null : viewAnomaly(anomaly, locale, timeZone),
    incident: seen?.incident ? { id: `inc-${seen.incident.number}`, title: seen.incident.title, state: seen.incident.state } : null,
    timeline: alertTimeline({ alert, firedAt, responses, hidings, steps, messages, verdicts: items, nameOf }),
    deliveries: messages.map(deliveryOf),
    ...similar,
  };
}

const NONE = { similar: [], helped: [] } satisfies Pick<AlertDetail, 'similar' | 'helped'>;

async function similarOf(sql: Sql, anomaly: Anomaly): Promise<Pick<AlertDetail, 'similar' | 'helped'>> {
  const all = await listSimilar(sql, anomaly);
  if (all.length === 0) return NONE;
  const before = all.slice(0, SIMILAR_SHOWN);
  const ids = before.map(({ id }) => id);
  const ended = all.flatMap(({ id, started_at, resolved_at }) =>
    resolved_at === null ? [] : [{ id, from: Date.parse(started_at), to: Date.parse(resolved_at) }],
  );
  const [helped, responses, aftermath, verdicts] = await Promise.all([
    readRunsDuring(sql, ended, { type: anomaly.type, withinMs: HELPED_MS }),
    listResponses(sql, ids),
    listAftermath(sql, ids),
    Promise.all(ids.map((anomalyId) => listFeedback(sql, { anomalyId, inForce: true }, { limit: 20 }))),
  ]);
  const similar = before.map(({ id, severity, started_at, duration_minutes }, index): SimilarAnomaly => {
    const said = verdicts[index]?.items ?? [];
    const after = aftermath.find(({ anomaly_id }) => anomaly_id === id);
    return {
      ...{ anomaly_id: id, severity, started_at, duration_minutes },
      useful: said.filter(({ verdict }) => verdict === 'useful').length,
      noise: said.filter(({ verdict }) => verdict === 'noise').length,
      comment: said.find(({ comment }) => comment !== null && comment !== '')?.comment ?? null,
      acknowledged_by: responses.find(({ anomaly_id, kind }) => anomaly_id === id && kind === 'acknowledge')?.by_name ?? null,
      incident: after?.incident == null ? null : `inc-${after.incident}`,
      runs: after?.runs ?? [],
    };
  });
  return { similar, helped };
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

function deliveryOf(row: MessageRow): AlertDelivery {
  const { receiver, status, state, attempts, last_error: error } = row;
  return {
    ...{ receiver, status, state, attempts, error },
    queued_at: new Date(row.created_at).toISOString(),
    delivered_at: iso(row.delivered_at),
    received_at: iso(row.received_at),
    read_at: iso(row.read_at),
    next_attempt_at: state === 'pending' ? iso(row.next_attempt_at) : null,
  };
}
