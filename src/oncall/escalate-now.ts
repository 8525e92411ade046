import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { EscalatedAlert } from '@transaction-guardian/contracts/escalation.ts';
import type { Act, Acted } from '../auth/act.ts';
import type { Clock } from '../clock.ts';
import type { Sql } from '../store/database.ts';
import { lockStates, readHeldAlerts, type HeldAlert } from '../store/verbs/alert/alert-states.ts';
import { listAlerts } from '../store/verbs/alert/list-alerts.ts';
import { readAlertsOf } from '../store/verbs/alert/write-alerts.ts';
import { beginEscalation, readEscalations } from '../store/verbs/oncall/escalations.ts';
import { peopleOf, policyOf, takeStep, type EscalateOptions } from './escalate.ts';

/** What became of it. `no_policy`: no step is configured for the severity of the alert; `over`: every step has been taken. */
export type EscalateOutcome =
  | ({ readonly kind: 'done' } & EscalatedAlert)
  | { readonly kind: 'no_policy'; readonly severity: string }
  | { readonly kind: 'over'; readonly steps: number }
  | { readonly kind: 'not_firing' }
  | { readonly kind: 'unknown' };

/** Takes the next step of an alert's escalation at once. */
export interface EscalateNow {
  /** `alertId`: fingerprint of an alert, or id of its anomaly. An acknowledgement does not stop it: whoever owns the alert asks for
   *  help. Steps that are left are taken when they are due. Throws what acting throws. */
  (actor: Actor, alertId: string): Promise<EscalateOutcome>;
}

export interface EscalateNowDeps {
  readonly act: Act;
  readonly clock: Clock;
  readonly options: EscalateOptions;
}

/** Makes it. */
export function createEscalateNow({ act, clock, options }: EscalateNowDeps): EscalateNow {
  return async (actor, alertId) => {
    const now = Math.round(clock.now());
    // Who is on call is read before the transaction, in which only its own statements may run.
    const people = await peopleOf(options, now);
    return act({ actor, verb: 'alert.escalate', arguments: { alert_id: alertId } }, async (tx): Promise<Acted<EscalateOutcome>> => {
      await lockStates(tx);
      const held = await findFiring(tx, alertId);
      if (held === null) return refused({ kind: 'unknown' });
      if (held === 'resolved') return refused({ kind: 'not_firing' });
      const { anomalyId, severity } = held;
      const steps = policyOf(options, severity)?.steps ?? [];
      if (steps.length === 0) return refused({ kind: 'no_policy', severity });
      await beginEscalation(tx, anomalyId, severity, now);
      const row = (await readEscalations(tx)).find((one) => one.anomalyId === anomalyId && one.severity === severity);
      const taken = new Set(row?.steps.map(({ step }) => step));
      const step = steps.findIndex((_step, index) => !taken.has(index));
      const what = steps[step];
      const alert = (await readAlertsOf(tx, [anomalyId])).get(anomalyId);
      if (what === undefined || alert === undefined) return refused({ kind: 'over', steps: steps.length });
      const who = people.get(what) ?? [];
      await takeStep(tx, options, { row: { anomalyId, severity }, alert, step, people: who, now });
      const told = { step: step + 1, steps: steps.length, people: who.map(options.nameOf), receivers: [...what.receivers] };
      return { value: { kind: 'done', ...told }, outcome: { result: 'done', after: { anomaly_id: anomalyId, ...told } } };
    });
  };
}

/** The alert that fires; `resolved` for one that fires no more; null where there is none. */
async function findFiring(tx: Sql, id: string): Promise<HeldAlert | 'resolved' | null> {
  const held = (await readHeldAlerts(tx)).find(({ anomalyId, fingerprint }) => anomalyId === id || fingerprint === id);
  if (held !== undefined) return held;
  const { items } = await listAlerts(tx, id.startsWith('an_') ? { anomalyId: id } : { fingerprint: id }, { limit: 1 });
  return items.length > 0 ? 'resolved' : null;
}

const refused = (value: EscalateOutcome): Acted<EscalateOutcome> => ({
  value,
  outcome: { result: value.kind === 'unknown' ? 'not_found' : 'refused' },
});
