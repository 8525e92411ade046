import type { AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { Sql } from '../store/database.ts';
import type { WatchedAlert } from '../store/verbs/incident/incident-alert.ts';
import { appendEntry } from '../store/verbs/incident/incident-entry.ts';

/** Writes what people did to alerts of an incident into its timeline; a repeat changes nothing. Returns when the first act that did
 *  something was done, epoch milliseconds, or null. */
export async function recordActs(
  tx: Sql,
  incident: number,
  { acts, alerts }: { readonly acts: readonly AuditRow[]; readonly alerts: readonly Pick<WatchedAlert, 'fingerprint' | 'anomaly_id'>[] },
): Promise<number | null> {
  let first: number | null = null;
  for (const row of acts) {
    if (row.verb.startsWith('incident.')) continue;
    const named = namesIn([row.arguments, row.after]);
    if (!alerts.some(({ fingerprint, anomaly_id }) => named.has(fingerprint) || named.has(anomaly_id))) continue;
    const at = Date.parse(row.at);
    const data = { verb: row.verb, result: row.result, arguments: row.arguments };
    const isNew = await appendEntry(tx, { incident, at, kind: 'act', actor: row.actor, data, source: `audit ${row.number}` });
    if (isNew && row.result === 'done') first ??= at;
  }
  return first;
}

/** What an act names: in its arguments, and in what came of it where the arguments say "all". */
function namesIn(given: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string') names.add(value);
    else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) walk(inner);
  };
  walk(given);
  return names;
}
