import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { HeldForeignAlert } from '@transaction-guardian/contracts/silence.ts';
import type { Sql } from '../store/database.ts';
import { readElsewhereHolds } from '../store/verbs/alertmanager/elsewhere-holds.ts';

/** `absent`: Alertmanagers that did not answer, where it ends as soon as they do. `none`: nothing held it. `away`: none answered. */
export type ForeignEnd =
  | { readonly kind: 'done'; readonly name: string; readonly absent: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'away'; readonly absent: readonly string[] };

/** Ends what holds an alert of other rules back, by its fingerprint, whoever asked for it; audited. Throws AUTH_ROLE, ACT_CONFLICT,
 *  STORE_UNAVAILABLE. */
export type EndForeign = (actor: Actor, fingerprint: string) => Promise<ForeignEnd>;

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
