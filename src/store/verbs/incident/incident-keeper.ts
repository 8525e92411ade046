import type { AuditRow } from '@transaction-guardian/contracts/audit.ts';
import type { Sql } from '../../database.ts';

const MOST = 500;

/** Rows of the audit that the keeper of incidents has not read yet, at most 500, the oldest first; keeps its place for the
 *  transaction. */
export async function readNewActs(tx: Sql): Promise<AuditRow[]> {
  const rows = await tx.query<{ entry: Omit<AuditRow, 'hash'>; hash: string }>(
    `select entry, hash from audit where number > (select audit_number from incident_keeper) order by number limit ${MOST}`,
  );
  return rows.map(({ entry, hash }) => ({ ...entry, hash }));
}

/** The last 500 acts that the keeper has read and that were done at or after `since` (epoch milliseconds), the oldest first: what was
 *  done to an alert before it had an incident. */
export async function readEarlierActs(tx: Sql, since: number): Promise<AuditRow[]> {
  const rows = await tx.query<{ entry: Omit<AuditRow, 'hash'>; hash: string }>(
    `select entry, hash from audit where number <= (select audit_number from incident_keeper) order by number desc limit ${MOST}`,
  );
  return rows
    .map(({ entry, hash }) => ({ ...entry, hash }))
    .filter(({ at }) => Date.parse(at) >= since)
    .toReversed();
}

/** Notes how far the audit was read. */
export async function noteActs(tx: Sql, number: number): Promise<void> {
  await tx.query('update incident_keeper set audit_number = $1', [number]);
}
