import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { SecretReference } from '../runbook-schema.ts';
import type { StepOutput } from '../step-output.ts';
import type { Values } from '../placeholder.ts';

/** How an attempt ended. */
export type StepOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: Reason };

/** What an attempt gets. */
export interface StepContext {
  /** Aborted when the attempt is late, the run is cancelled or the server stops. */
  readonly signal: AbortSignal;
  readonly runId: string;
  /** Who asked for the run, for actions that act in turn; its message id is that of this step, so that a step that is repeated acts once. */
  readonly actor: Actor;
  /** Parameters and what else placeholders name. */
  readonly values: Values;
  readonly output: StepOutput;
  /** Reads a secret, which is masked in the output from then on. Throws RUNBOOK_SECRET when it is not there. */
  readonly secret: (reference: SecretReference) => Promise<string>;
  /** Notes what was found or done, for people. */
  readonly say: (fact: Reason) => void;
  /** Text that marks the processes of this attempt. */
  readonly mark: string;
}

export const done: StepOutcome = { ok: true };

/** An attempt that failed. */
export function failed(code: string, params: Reason['params'] = {}): StepOutcome {
  return { ok: false, reason: { code, params } };
}
