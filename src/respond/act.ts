import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { AlertState, PersonName } from '@transaction-guardian/contracts/alert-state.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { publishStates, settleHolds, type HoldOptions } from '../alert/hold/settle-holds.ts';
import type { Act, Acted } from '../auth/act.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Clock } from '../clock.ts';
import type { Sql } from '../store/database.ts';
import { lockStates } from '../store/verbs/alert/alert-states.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';

/** What the verbs about alerts need. */
export interface RespondDeps {
  readonly act: Act;
  readonly clock: Clock;
  readonly holds: HoldOptions;
  /** After which an acknowledged alert notifies again, ms; 0: never. */
  readonly ackTimeoutMs: number;
  /** IANA zone of weekly windows that name none. */
  readonly timeZone: string;
}

/** What every verb is given beside its own input. */
export interface ActInput {
  /** Language of the alert in the answer; default that of operators. */
  readonly locale?: Locale | undefined;
}

/** Does one act in one transaction: what it stores, what that holds back or sets free, the events and the audit row; once for each
 *  message of the actor. `now`: wall clock, epoch milliseconds. `after`: what is given back once all of it is worked out. Throws
 *  AUTH_ROLE, ACT_CONFLICT, STORE_UNAVAILABLE. */
export async function actOnAlerts<T>(
  { act, clock, holds }: RespondDeps,
  { actor, verb, args }: { readonly actor: Actor; readonly verb: ActVerb; readonly args: Readonly<Record<string, unknown>> },
  work: (tx: Sql, now: number) => Promise<Acted<T>>,
  after?: (tx: Sql, value: T, now: number) => Promise<T>,
): Promise<T> {
  const now = Math.round(clock.now());
  return act({ actor, verb, arguments: args }, async (tx) => {
    await lockStates(tx);
    const { value, outcome } = await work(tx, now);
    if (outcome.result !== 'done') return { value, outcome };
    await publishStates(tx, await settleHolds(tx, holds, now));
    return { value: after === undefined ? value : await after(tx, value, now), outcome };
  });
}

/** The actor as others read it. */
export function personOf(actor: Actor): PersonName {
  return { id: actor.id, name: shownName(actor) };
}

/** The newest alert of a fingerprint, or of an anomaly (`an_…`), the one that fires first; null when there is none. */
export async function findAlert(sql: Sql, id: string, locale: Locale | undefined): Promise<AlertView | null> {
  const wanted = id.startsWith('an_') ? { anomalyId: id } : { fingerprint: id };
  const firing = await listAlerts(sql, { ...wanted, status: 'firing' }, { limit: 1 }, locale);
  if (firing.items[0] !== undefined) return firing.items[0];
  return (await listAlerts(sql, wanted, { limit: 1 }, locale)).items[0] ?? null;
}

/** The part of a state that an audit row names. */
export function auditedState(state: AlertState): Record<string, unknown> {
  const { acknowledged_by: owner, acknowledged_until, snoozed_by, snoozed_until } = state;
  return { acknowledged_by: owner?.id ?? null, acknowledged_until, snoozed_by: snoozed_by?.id ?? null, snoozed_until };
}
