import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import type { Sql } from '../store/database.ts';
import {
  forgetUnassigned,
  noteStatus,
  readNewDeliveries,
  readIncidentAlerts,
  readUnassigned,
  watchFiring,
  type WatchedAlert,
} from '../store/verbs/incident/incident-alert.ts';
import { appendEntry } from '../store/verbs/incident/incident-entry.ts';
import { noteActs, readNewActs } from '../store/verbs/incident/incident-keeper.ts';
import { insertIncident, readIncident, readOpenIncidents, updateIncident, type IncidentRow } from '../store/verbs/incident/incident-row.ts';
import { readNewRuns } from '../store/verbs/incident/incident-runs.ts';
import { alertFacts, joinAlerts, priorityFacts } from './join.ts';
import { proposePriority } from './priority.ts';
import { recordActs } from './record-acts.ts';
import { takeSnapshot } from './snapshot.ts';
import { titleOf } from './incident-title.ts';

export interface KeepOptions {
  /** A critical alert that nobody has acknowledged for so long opens an incident; milliseconds. */
  readonly openAfterMs: number;
  /** An incident that nobody has taken up is resolved so long after its last alert ended; milliseconds. */
  readonly quietMs: number;
}

/** Looks once at alerts, messages and acts, and writes what is new of them into the incidents: alerts of the same cause join,
 *  and a critical one that nobody acknowledged in time opens an incident. One transaction; a repeat changes nothing. */
export async function keepIncidents(tx: Sql, now: number, options: KeepOptions): Promise<void> {
  await watchFiring(tx, now);
  const open = await readOpenIncidents(tx);
  const members = Map.groupBy(
    await readIncidentAlerts(
      tx,
      open.map(({ number }) => number),
    ),
    ({ incident }) => incident ?? 0,
  );
  await joinCauses(tx, open, members, now);
  await openOverdue(tx, now, options);
  await readActs(tx, open, members);
  for (const incident of open) await follow(tx, incident, members.get(incident.number) ?? [], now, options);
  await forgetUnassigned(tx);
}

/** Alerts of the group, or of the anomaly, of a member join its incident; the oldest incident takes them. */
async function joinCauses(
  tx: Sql,
  open: readonly IncidentRow[],
  members: ReadonlyMap<number, readonly WatchedAlert[]>,
  now: number,
): Promise<void> {
  const free = new Set(await readUnassigned(tx));
  for (const incident of open) {
    const own = members.get(incident.number) ?? [];
    const groups = new Set(own.map(({ group_key }) => group_key));
    const anomalies = new Set(own.map(({ anomaly_id }) => anomaly_id));
    const joining = [...free].filter(({ group_key, anomaly_id }) => groups.has(group_key) || anomalies.has(anomaly_id));
    for (const watched of joining) free.delete(watched);
    await joinAlerts(tx, incident, { joining, members: own, now });
  }
}

/** One incident for each group that has a critical alert nobody acknowledged in time, with all alerts of the group. What is
 *  acknowledged, snoozed, silenced or inhibited waits for nobody. */
async function openOverdue(tx: Sql, now: number, { openAfterMs }: KeepOptions): Promise<void> {
  const free = await readUnassigned(tx);
  const overdue = free.filter(
    ({ alert, seen_at, is_held }) =>
      alert.severity === 'critical' && now - seen_at >= openAfterMs && !is_held && !SELF_TYPES.includes(alert.type),
  );
  for (const [group, alerts] of Map.groupBy(overdue, ({ group_key }) => group_key)) {
    const joining = free.filter(({ group_key }) => group_key === group);
    const title = titleOf(alerts[0]?.alert.summary ?? '');
    const priority = proposePriority(priorityFacts(joining));
    const number = await insertIncident(tx, { title, priority, proposed: priority, is_chosen: false, opened_by: null, opened_at: now });
    await appendEntry(tx, { incident: number, at: now, kind: 'opened', actor: null, data: { title, priority } });
    const incident = await readIncident(tx, number);
    if (incident !== null) await joinAlerts(tx, incident, { joining, members: [], now });
  }
}

/** Acts of people on an alert of an incident become lines of it; the first one that did something is its acknowledgement. */
async function readActs(tx: Sql, open: readonly IncidentRow[], members: ReadonlyMap<number, readonly WatchedAlert[]>): Promise<void> {
  const acts = await readNewActs(tx);
  for (const { number, acknowledged_at: known } of open) {
    const first = await recordActs(tx, number, { acts, alerts: members.get(number) ?? [] });
    if (first !== null && known === null) await updateIncident(tx, number, { acknowledged_at: first });
  }
  const last = acts.at(-1);
  if (last !== undefined) await noteActs(tx, last.number);
}

/** What became of the alerts and messages of one incident. */
async function follow(tx: Sql, incident: IncidentRow, own: readonly WatchedAlert[], now: number, { quietMs }: KeepOptions): Promise<void> {
  await noteRuns(tx, incident, own);
  if (own.length === 0) return;
  const line = (
    kind: 'alert_resolved' | 'message_delivered' | 'snapshot' | 'resolved_by_itself',
    at: number,
    data: Record<string, unknown>,
    source: string,
  ) => appendEntry(tx, { incident: incident.number, at, kind, actor: null, data, source });
  const changed = own.filter(({ known_status, alert }) => known_status !== alert.status);
  for (const watched of changed) {
    if (watched.alert.status === 'resolved')
      await line(
        'alert_resolved',
        now,
        alertFacts(watched),
        `resolved ${watched.fingerprint} ${watched.starts_at} ${watched.alert.ends_at}`,
      );
    await noteStatus(tx, watched);
  }
  const since = Math.min(...own.map(({ seen_at }) => seen_at));
  const groups = [...new Set(own.map(({ group_key }) => group_key))];
  const deliveries = await readNewDeliveries(tx, { incident: incident.number, groupKeys: groups, since });
  for (const { id, receiver, status, delivered_at } of deliveries)
    await line('message_delivered', delivered_at, { receiver, status }, `message ${id}`);
  const first = deliveries.find(({ status }) => status === 'firing');
  if (incident.delivered_at === null && first !== undefined)
    await updateIncident(tx, incident.number, { delivered_at: first.delivered_at });

  const isQuiet = own.every(({ alert }) => alert.status === 'resolved');
  if (!isQuiet) {
    if (incident.quiet_since !== null) await updateIncident(tx, incident.number, { quiet_since: null });
    return;
  }
  const quietSince = incident.quiet_since ?? now;
  if (incident.quiet_since === null) {
    await updateIncident(tx, incident.number, { quiet_since: now });
    const last = own.at(-1);
    const snapshot = last === undefined ? null : await takeSnapshot(tx, last);
    if (snapshot !== null) await line('snapshot', now, { ...snapshot }, `snapshot quiet ${now}`);
  }
  const isUntouched = incident.opened_by === null && incident.acknowledged_at === null;
  if (isUntouched && now - quietSince >= quietMs) {
    await updateIncident(tx, incident.number, { state: 'resolved', resolved_at: quietSince });
    await line('resolved_by_itself', now, {}, `resolved ${quietSince}`);
  }
}

/** Runs of runbooks for the alerts of an incident, and those of whoever opened or owns it, become lines of it. */
async function noteRuns(
  tx: Sql,
  { number: incident, opened_at, opened_by, owner }: IncidentRow,
  own: readonly WatchedAlert[],
): Promise<void> {
  const runs = await readNewRuns(tx, {
    incident,
    since: Math.min(opened_at, ...own.map(({ seen_at }) => seen_at)),
    types: [...new Set(own.map(({ alert }) => alert.type))],
    fingerprints: own.map(({ fingerprint }) => fingerprint),
    people: [opened_by, owner].flatMap((one) => one?.id ?? []),
    openedAt: opened_at,
  });
  for (const { id, runbook, state, by, ended_at: at } of runs)
    await appendEntry(tx, { incident, at, kind: 'runbook_run', actor: by, data: { run: id, runbook, state }, source: `run ${id}` });
}
