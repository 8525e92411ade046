import type { Sql } from '../store/database.ts';
import { assignAlert, noteStatus, type WatchedAlert } from '../store/verbs/incident/incident-alert.ts';
import { appendEntry } from '../store/verbs/incident/incident-entry.ts';
import { readEarlierActs } from '../store/verbs/incident/incident-keeper.ts';
import { updateIncident, type IncidentRow } from '../store/verbs/incident/incident-row.ts';
import { moreUrgent, proposePriority } from './priority.ts';
import { recordActs } from './record-acts.ts';
import { takeSnapshot } from './snapshot.ts';

/** Alerts as a proposal of the priority looks at them. */
export const priorityFacts = (alerts: readonly WatchedAlert[]) =>
  alerts.map(({ alert, anomaly }) => ({ severity: alert.severity, node: anomaly?.node.kind ?? null }));

/** Gives alerts to an incident: each is a line of the timeline, with what was done to it before; the first with the chart of its last
 *  hour. The proposal of the
 *  priority may rise, and with it the priority as long as nobody has chosen one. `members`: alerts that it has already. */
export async function joinAlerts(
  tx: Sql,
  incident: IncidentRow,
  { joining, members, now }: { readonly joining: readonly WatchedAlert[]; readonly members: readonly WatchedAlert[]; readonly now: number },
): Promise<void> {
  if (joining.length === 0) return;
  for (const watched of joining) {
    await assignAlert(tx, watched, incident.number);
    await noteStatus(tx, watched);
    await appendEntry(tx, {
      incident: incident.number,
      at: now,
      kind: 'alert_joined',
      actor: null,
      data: alertFacts(watched),
      source: `joined ${watched.fingerprint} ${watched.starts_at}`,
    });
  }
  const first = joining[0];
  const snapshot = members.length > 0 || first === undefined ? null : await takeSnapshot(tx, first);
  if (snapshot !== null)
    await appendEntry(tx, {
      incident: incident.number,
      at: now,
      kind: 'snapshot',
      actor: null,
      data: { ...snapshot },
      source: 'snapshot open',
    });

  const since = Math.min(...joining.map(({ starts_at }) => starts_at));
  const acted = await recordActs(tx, incident.number, { acts: await readEarlierActs(tx, since), alerts: joining });

  const all = [...members, ...joining];
  const fromAlerts = proposePriority(priorityFacts(all));
  const proposed = members.length === 0 ? fromAlerts : moreUrgent(incident.proposed, fromAlerts);
  const priority = incident.is_chosen ? incident.priority : proposed;
  if (priority !== incident.priority)
    await appendEntry(tx, {
      incident: incident.number,
      at: now,
      kind: 'priority_changed',
      actor: null,
      data: { from: incident.priority, to: priority },
    });
  await updateIncident(tx, incident.number, {
    proposed,
    priority,
    first_bad_minute: least(
      incident.first_bad_minute,
      ...all.map(({ anomaly, starts_at }) => (anomaly === null ? starts_at : Date.parse(anomaly.started_at))),
    ),
    detected_at: least(incident.detected_at, ...all.map(({ seen_at }) => seen_at)),
    acknowledged_at: least(incident.acknowledged_at, acted),
    quiet_since: all.some(({ alert }) => alert.status === 'firing') ? null : now,
  });
}

/** What the timeline says of an alert. */
export function alertFacts({ alert, translations, fingerprint, anomaly_id }: WatchedAlert): Record<string, unknown> {
  const summaries = Object.fromEntries(Object.entries(translations).map(([locale, { summary }]) => [locale, summary]));
  return { fingerprint, anomaly_id, severity: alert.severity, starts_at: alert.starts_at, summary: alert.summary, summaries };
}

function least(...values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
