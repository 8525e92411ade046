import { setTimeout as delay } from 'node:timers/promises';
import { CHANNELS, type Actor, type Channel } from '@transaction-guardian/contracts/actor.ts';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { RunRecord, RunStep } from '@transaction-guardian/contracts/runbook.ts';
import type { Clock } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import { msOf } from './duration.ts';
import type { Values } from './placeholder.ts';
import type { StepFile } from './runbook-schema.ts';
import { readSecret, secretName, type SecretSource } from './secret.ts';
import { createStepOutput, maskOutput, type StepOutput } from './step-output.ts';
import { runAttempt, type AttemptDeps } from './step/run-attempt.ts';
import type { StepContext, StepOutcome } from './step/step-context.ts';

export const STEP_TIMEOUT_MS = 60_000;
const RETRY_WAIT_MS = 2000;

export interface StepDeps extends AttemptDeps {
  readonly clock: Clock;
  readonly secrets: SecretSource;
}

export interface StepWork {
  readonly run: RunRecord;
  /** Names the step in marks, e.g. `2` or `cleanup-1`. */
  readonly place: string;
  readonly step: StepFile;
  readonly values: Values;
  readonly signal: AbortSignal;
}

/** Does a step with its attempts. Gives what its record becomes; `state` is `done` or `failed`. Never throws. */
export async function driveStep(before: RunStep, work: StepWork, deps: StepDeps): Promise<RunStep> {
  const { step, signal } = work;
  const output = createStepOutput();
  const known: string[] = [];
  const facts: Reason[] = [];
  let outcome: StepOutcome = { ok: false, reason: { code: 'runbook_timeout', params: {} } };
  let attempts = 0;
  do {
    if (attempts > 0) await delay(msOf(step.retry_wait, RETRY_WAIT_MS), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    attempts += 1;
    const context = contextOf(work, deps, { output, known, facts, attempts });
    outcome = await runAttempt(step, deps, context);
  } while (!outcome.ok && attempts <= (step.retries ?? 0) && !signal.aborted);
  const mask = (reason: Reason): Reason => masked(reason, known);
  return {
    ...before,
    state: outcome.ok ? 'done' : 'failed',
    attempts,
    ended_at: new Date(deps.clock.now()).toISOString(),
    reason: outcome.ok ? null : mask(outcome.reason),
    facts: facts.map(mask),
    output: output.text(known),
    output_bytes: output.bytes,
  };
}

interface Kept {
  readonly output: StepOutput;
  readonly known: string[];
  readonly facts: Reason[];
  readonly attempts: number;
}

function contextOf({ run, place, step, values, signal }: StepWork, deps: StepDeps, { output, known, facts, attempts }: Kept): StepContext {
  const late = AbortSignal.timeout(msOf(step.timeout, STEP_TIMEOUT_MS));
  return {
    signal: AbortSignal.any([signal, late]),
    runId: run.id,
    actor: actorOf(run, place),
    values,
    output,
    mark: `${run.id}:${place}:${attempts}:`,
    say: (fact) => void facts.push(fact),
    async secret(reference) {
      const value = await readSecret(deps.secrets, reference);
      if (value === undefined || value === '')
        throw new GuardianError('RUNBOOK_SECRET', 'A secret of a runbook is not there.', { params: { name: secretName(reference) } });
      known.push(value);
      return value;
    },
  };
}

/** Whoever asked for the run, with the least role that acts: the request was allowed. A run that is resumed acts for the first one. */
function actorOf({ id, resumes, requested_by: by, channel }: RunRecord, place: string): Actor {
  const messageId = `runbook ${resumes ?? id} ${place}`;
  return { ...by, channel: channelOf(channel), address: null, scopes: [], role: 'operator', message_id: messageId };
}

const channelOf = (name: string): Channel => CHANNELS.find((channel) => channel === name) ?? 'guardian';

function masked({ code, params }: Reason, secrets: readonly string[]): Reason {
  const entries = Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? maskOutput(value, secrets) : value]);
  return { code, params: Object.fromEntries(entries) };
}
