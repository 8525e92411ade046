import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { PersonName } from '@transaction-guardian/contracts/alert-state.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Acted } from '../auth/act.ts';
import type { Sql } from '../store/database.ts';
import { readHeldAlerts, type HeldAlert } from '../store/verbs/alert/alert-states.ts';
import { endResponses, insertResponses, readResponses } from '../store/verbs/response/responses.ts';
import { actOnAlerts, auditedState, findAlert, personOf, type ActInput, type RespondDeps } from './act.ts';

export interface AcknowledgeArgs extends ActInput {
  /** Fingerprint of an alert, or id of its anomaly. */
  readonly alertId: string;
  readonly comment?: string | undefined;
}

/** `taken`: somebody else was first, `by` says who and `at` when (ISO 8601). `not_firing`: it has resolved. */
export type AcknowledgeOutcome =
  | { readonly kind: 'done'; readonly alert: AlertView }
  | { readonly kind: 'taken'; readonly by: PersonName; readonly at: string; readonly alert: AlertView }
  | { readonly kind: 'not_firing'; readonly alert: AlertView }
  | { readonly kind: 'unknown' };

/** Makes the actor the owner of an alert that fires: it repeats and escalates no more, until it resolves, becomes worse, or the
 *  timeout comes and it still fires. The owner who acknowledges again starts the timeout again. */
export function acknowledgeAlert(deps: RespondDeps, actor: Actor, input: AcknowledgeArgs): Promise<AcknowledgeOutcome> {
  const { alertId, comment, locale } = input;
  const args = { alert_id: alertId, ...(comment === undefined ? {} : { comment }) };
  return actOnAlerts<AcknowledgeOutcome>(
    deps,
    { actor, verb: 'alert.acknowledge', args },
    async (tx, now) => {
      const alert = await findAlert(tx, alertId, locale);
      if (alert === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
      const before = auditedState(alert);
      const { acknowledged_by: owner, acknowledged_at: at } = alert;
      if (alert.status !== 'firing') return refused({ kind: 'not_firing', alert }, before);
      if (owner !== null && owner.id !== actor.id) return refused({ kind: 'taken', by: owner, at: at ?? alert.updated_at, alert }, before);
      await own(tx, deps, actor, { alerts: [{ anomalyId: alert.anomaly_id, severity: alert.severity }], comment, now });
      return { value: { kind: 'done', alert }, outcome: { result: 'done', before, after: { acknowledged_by: actor.id } } };
    },
    async (tx, value) => ({ kind: 'done', alert: (await findAlert(tx, alertId, locale)) ?? shown(value) }),
  );
}

/** What became of a storm: fingerprints of the alerts that are the actor's now, and how many others owned before. */
export interface AcknowledgedAll {
  readonly acknowledged: readonly string[];
  readonly taken: number;
}

/** Acknowledges every alert that fires and that nobody owns, `alertIds` only where given (fingerprints or anomaly ids), as one act with
 *  one audit row. What opens afterwards notifies as always. */
export function acknowledgeAlerts(
  deps: RespondDeps,
  actor: Actor,
  { alertIds, comment }: { readonly alertIds?: readonly string[] | undefined; readonly comment?: string | undefined },
): Promise<AcknowledgedAll> {
  const args = { alert_ids: alertIds ?? 'all', ...(comment === undefined ? {} : { comment }) };
  const wantedIds = new Set(alertIds);
  return actOnAlerts<AcknowledgedAll>(deps, { actor, verb: 'alert.acknowledge', args }, async (tx, now) => {
    const firing = await readHeldAlerts(tx);
    const wanted = firing.filter(
      ({ fingerprint, anomalyId }) => alertIds === undefined || wantedIds.has(fingerprint) || wantedIds.has(anomalyId),
    );
    const free = wanted.filter(({ state }) => state.acknowledged_by === null);
    await own(tx, deps, actor, { alerts: free, comment, now });
    const acknowledged = free.map(({ fingerprint }) => fingerprint);
    return {
      value: { acknowledged, taken: wanted.length - free.length },
      outcome: { result: free.length > 0 ? 'done' : 'unchanged', after: { acknowledged } },
    };
  });
}

/** What became of an undo. `none`: there was nothing to undo. */
export type UndoOutcome = { readonly kind: 'done'; readonly alert: AlertView } | { readonly kind: 'none' } | { readonly kind: 'unknown' };

/** Takes an acknowledgement back, whoever gave it: the alert notifies again if it still fires. */
export function unacknowledgeAlert(deps: RespondDeps, actor: Actor, input: ActInput & { readonly alertId: string }): Promise<UndoOutcome> {
  return withdraw(deps, actor, { ...input, kind: 'acknowledge' });
}

/** Ends what is in force of one kind on an alert. */
export function withdraw(
  deps: RespondDeps,
  actor: Actor,
  { alertId, locale, kind }: ActInput & { readonly alertId: string; readonly kind: 'acknowledge' | 'snooze' },
): Promise<UndoOutcome> {
  const verb = kind === 'acknowledge' ? 'alert.unacknowledge' : 'alert.unsnooze';
  return actOnAlerts<UndoOutcome>(
    deps,
    { actor, verb, args: { alert_id: alertId } },
    async (tx, now) => {
      const alert = await findAlert(tx, alertId, locale);
      if (alert === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
      const open = (await readResponses(tx, [alert.anomaly_id])).filter((response) => response.kind === kind);
      const before = auditedState(alert);
      if (open.length === 0) return { value: { kind: 'none' }, outcome: { result: 'unchanged', before, after: before } };
      await endResponses(
        tx,
        open.map(({ id }) => id),
        { how: 'withdrawn', at: now, by: actor.id },
      );
      return { value: { kind: 'done', alert }, outcome: { result: 'done', before, after: { ended: kind } } };
    },
    async (tx, value) => {
      const alert = await findAlert(tx, alertId, locale);
      return alert === null ? value : { kind: 'done', alert };
    },
  );
}

async function own(
  tx: Sql,
  { ackTimeoutMs }: RespondDeps,
  actor: Actor,
  {
    alerts,
    comment,
    now,
  }: { readonly alerts: readonly Pick<HeldAlert, 'anomalyId' | 'severity'>[]; readonly comment: string | undefined; readonly now: number },
): Promise<void> {
  const open = await readResponses(
    tx,
    alerts.map(({ anomalyId }) => anomalyId),
  );
  const before = open.filter(({ kind }) => kind === 'acknowledge').map(({ id }) => id);
  await endResponses(tx, before, { how: 'replaced', at: now, by: actor.id });
  const until = ackTimeoutMs === 0 ? null : now + ackTimeoutMs;
  const common = { kind: 'acknowledge', by: personOf(actor), comment: comment ?? null, at: now, until } as const;
  await insertResponses(
    tx,
    alerts.map(({ anomalyId, severity }) => ({ ...common, anomalyId, severity })),
  );
}

const refused = (value: AcknowledgeOutcome, before: Record<string, unknown>): Acted<AcknowledgeOutcome> => ({
  value,
  outcome: { result: 'refused', before, after: before },
});

function shown(outcome: AcknowledgeOutcome): AlertView {
  if ('alert' in outcome) return outcome.alert;
  throw new Error('an act that was done has an alert');
}
