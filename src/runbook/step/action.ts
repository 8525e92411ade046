import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { ActionName } from '../action-table.ts';
import type { StepContext, StepOutcome } from './step-context.ts';

/** Does a built-in action. `given`: its arguments. */
export type Action = (given: Readonly<Record<string, unknown>>, context: StepContext) => Promise<StepOutcome>;

/** The actions that this form of the program has; for the others, why it has not. */
export interface Actions {
  readonly run: Readonly<Partial<Record<ActionName, Action>>>;
  readonly missing: Readonly<Partial<Record<ActionName, Reason>>>;
  /** What keeps an action that is there from working now, if anything. */
  readonly obstacles?: Readonly<Partial<Record<ActionName, () => Reason | null>>>;
}

/** Why this form does not have an action, or cannot do it now; null when it can. */
export function missingReason({ run, missing, obstacles }: Actions, name: ActionName): Reason | null {
  if (run[name] !== undefined) return obstacles?.[name]?.() ?? null;
  return missing[name] ?? { code: 'runbook_no_action', params: { name } };
}

/** Has the server started again by whatever runs it. */
export interface Supervisor {
  /** Why it cannot be started again; null when it can. */
  obstacle(): Promise<Reason | null>;
  /** Asks for it: this process will be stopped. Gives why not. */
  restart(): Promise<Reason | null>;
}
