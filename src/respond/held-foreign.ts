import type { HeldForeignAlert } from '@transaction-guardian/contracts/silence.ts';
import type { Sql } from '../store/database.ts';
import { readElsewhereHolds } from '../store/verbs/alertmanager/elsewhere-holds.ts';

/** Alerts of other rules, which only Alertmanager has, that somebody holds back; what lasts longest first. `now`: epoch milliseconds. */
export async function listHeldForeign(database: Sql, now: number): Promise<HeldForeignAlert[]> {
  const rows = await readElsewhereHolds(database);
  return rows
    .filter(({ endedAt, until }) => endedAt === null && until > now)
    .toSorted((a, b) => b.until - a.until)
    .map(({ fingerprint, labels, kind, by, at, until }) => ({
      ...{ fingerprint, labels, by, name: labels['alertname'] ?? '?' },
      kind: kind === 'acknowledge' || kind === 'snooze' ? kind : 'silence',
      at: new Date(at).toISOString(),
      until: new Date(until).toISOString(),
    }));
}
