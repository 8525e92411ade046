/** Whom a runbook needs before it runs. `self`: the sender, once more; `second_person`: somebody else, who may approve. */
export const CONFIRMATIONS = ['none', 'self', 'second_person'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

/** `interrupted`: the server ended in the middle of it. All but `running` are final. */
export const RUN_STATES = ['running', 'done', 'failed', 'cancelled', 'interrupted'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** `restarting`: the step ends in the next process of the server; `tolerated`: it failed and the file says to go on; `skipped`: an
 *  earlier step failed, or an earlier run did it. */
export const STEP_STATES = [
  'pending',
  'running',
  'restarting',
  'done',
  'failed',
  'tolerated',
  'skipped',
  'cancelled',
  'interrupted',
] as const;
export type StepState = (typeof STEP_STATES)[number];

/** What a step can be. */
export const STEP_KINDS = ['command', 'http', 'sql', 'wait_until', 'action'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const PARAMETER_TYPES = ['string', 'integer', 'enum', 'boolean', 'duration'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** How long a confirmation code works. */
export const CONFIRMATION_TTL_S = 120;
/** Longest code that a confirmation may bring. */
export const MAX_CODE = 64;
