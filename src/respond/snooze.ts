import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { endResponses, insertResponses, readResponses } from '../store/verbs/response/responses.ts';
import { actOnAlerts, auditedState, findAlert, personOf, type ActInput, type RespondDeps } from './act.ts';
import { withdraw, type UndoOutcome } from './acknowledge.ts';

/** Longest snooze: a shift and more. */
export const SNOOZE_MOST_MS = 86_400_000;

export interface SnoozeArgs extends ActInput {
  /** Fingerprint of an alert, or id of its anomaly. */
  readonly alertId: string;
  /** When it notifies again, wall clock, epoch milliseconds: in the future, within a day. */
  readonly until: number;
  readonly comment?: string | undefined;
}

/** `end_in_future`, `end_too_late`: the rule that `until` breaks. */
export type SnoozeOutcome =
  | { readonly kind: 'done'; readonly alert: AlertView }
  | { readonly kind: 'not_firing'; readonly alert: AlertView }
  | { readonly kind: 'invalid'; readonly rule: 'end_in_future' | 'end_too_late' }
  | { readonly kind: 'unknown' };

/** Hides an alert that fires until a time; what is worse of the same cause notifies all the same. A second snooze, of whomever, sets
 *  another end. */
export function snoozeAlert(deps: RespondDeps, actor: Actor, input: SnoozeArgs): Promise<SnoozeOutcome> {
  const { alertId, until, comment, locale } = input;
  const args = { alert_id: alertId, until: new Date(until).toISOString(), ...(comment === undefined ? {} : { comment }) };
  return actOnAlerts<SnoozeOutcome>(
    deps,
    { actor, verb: 'alert.snooze', args },
    async (tx, now) => {
      const alert = await findAlert(tx, alertId, locale);
      if (alert === null) return { value: { kind: 'unknown' }, outcome: { result: 'not_found' } };
      const before = auditedState(alert);
      const rule = until <= now ? 'end_in_future' : until > now + SNOOZE_MOST_MS ? 'end_too_late' : null;
      if (rule !== null) return { value: { kind: 'invalid', rule }, outcome: { result: 'refused', before, after: before } };
      if (alert.status !== 'firing') return { value: { kind: 'not_firing', alert }, outcome: { result: 'refused', before, after: before } };
      const open = (await readResponses(tx, [alert.anomaly_id])).filter(({ kind }) => kind === 'snooze');
      await endResponses(
        tx,
        open.map(({ id }) => id),
        { how: 'replaced', at: now, by: actor.id },
      );
      const { anomaly_id: anomalyId, severity } = alert;
      await insertResponses(tx, [{ kind: 'snooze', anomalyId, severity, by: personOf(actor), comment: comment ?? null, at: now, until }]);
      const after = { snoozed_by: actor.id, snoozed_until: args.until };
      return { value: { kind: 'done', alert }, outcome: { result: 'done', before, after } };
    },
    async (tx, value) => {
      const alert = await findAlert(tx, alertId, locale);
      return alert === null ? value : { kind: 'done', alert };
    },
  );
}

/** Ends a snooze, whoever gave it: the alert notifies again at once if it still fires. */
export function unsnoozeAlert(deps: RespondDeps, actor: Actor, input: ActInput & { readonly alertId: string }): Promise<UndoOutcome> {
  return withdraw(deps, actor, { ...input, kind: 'snooze' });
}
