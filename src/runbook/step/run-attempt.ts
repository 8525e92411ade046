import { setTimeout as delay } from 'node:timers/promises';
import { isGuardianError, messageOf } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import { missingReason, type Actions } from './action.ts';
import { actionEntry, type ActionName } from '../action-table.ts';
import { msOf } from '../duration.ts';
import { fill } from '../placeholder.ts';
import type { CheckFile, StepFile } from '../runbook-schema.ts';
import { runCommandStep } from './command-step.ts';
import { runHttpStep } from './http-step.ts';
import type { ProcessHost } from './process-host.ts';
import { runSqlStep } from './sql-step.ts';
import { untilAborted } from '../../within.ts';
import { done, failed, type StepContext, type StepOutcome } from './step-context.ts';

export interface AttemptDeps {
  readonly database: Database;
  readonly host: ProcessHost;
  readonly actions: Actions;
}

const EVERY_MS = 2000;
const CHECK_MS = 10_000;

/** Does a step once. Never throws. */
export async function runAttempt(step: StepFile, deps: AttemptDeps, context: StepContext): Promise<StepOutcome> {
  try {
    return step.wait_until === undefined ? await runWork(step, deps, context) : await waitUntil(step.wait_until, deps, context);
  } catch (error) {
    if (context.signal.aborted) return failed('runbook_timeout');
    if (isGuardianError(error, 'RUNBOOK_SECRET')) return failed('runbook_secret', error.params);
    return failed('runbook_error', { message: messageOf(error) });
  }
}

async function runWork(work: CheckFile, deps: AttemptDeps, context: StepContext): Promise<StepOutcome> {
  if (work.command !== undefined) return checkText(work, await runCommandStep(work, deps.host, context), context);
  if (work.http !== undefined) return runHttpStep(work, context);
  if (work.sql !== undefined) return checkText(work, await runSqlStep(work, deps.database, context), context);
  return runAction(work, deps.actions, context);
}

/** `contains`, of what is printed. */
function checkText({ expect }: CheckFile, outcome: StepOutcome, { output, values }: StepContext): StepOutcome {
  if (!outcome.ok || expect?.contains === undefined) return outcome;
  const wanted = String(fill(expect.contains, values));
  return output.text([]).includes(wanted) ? done : failed('runbook_contains', { expected: wanted });
}

async function runAction(work: CheckFile, actions: Actions, context: StepContext): Promise<StepOutcome> {
  const name = work.action ?? '';
  if (actionEntry(name) === undefined) return failed('runbook_nothing');
  const action = actions.run[name as ActionName];
  const reason = missingReason(actions, name as ActionName);
  if (action === undefined || reason !== null) return { ok: false, reason: reason ?? { code: 'runbook_nothing', params: {} } };
  const given = Object.fromEntries(Object.entries(work.with ?? {}).map(([key, value]) => [key, fill(value, context.values)]));
  return untilAborted(action(given, context), context.signal);
}

/** Asks until the check holds. What it said last goes along when the time is over. */
async function waitUntil(
  { every, check }: NonNullable<StepFile['wait_until']>,
  deps: AttemptDeps,
  context: StepContext,
): Promise<StepOutcome> {
  let last: StepOutcome = failed('runbook_timeout');
  while (!context.signal.aborted) {
    const late = AbortSignal.timeout(CHECK_MS);
    last = await runWork(check, deps, { ...context, signal: AbortSignal.any([context.signal, late]) });
    if (last.ok) return last;
    await delay(msOf(every, EVERY_MS), undefined, { signal: context.signal }).catch(() => undefined);
  }
  return last;
}
