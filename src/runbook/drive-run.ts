import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { RunRecord, RunStep } from '@transaction-guardian/contracts/runbook.ts';
import { msOf } from './duration.ts';
import { driveStep, STEP_TIMEOUT_MS, type StepDeps } from './drive-step.ts';
import type { Supervisor } from './step/action.ts';
import type { Values } from './placeholder.ts';
import { definitionOf, interrupted, newStep, presentStep } from './run-record.ts';
import type { StepFile } from './runbook-schema.ts';

/** Why a run is ended from outside. */
export type EndCause = { readonly kind: 'cancel'; readonly by: ActorIdentity } | { readonly kind: 'stop' } | { readonly kind: 'timeout' };

export interface DriveDeps extends StepDeps {
  readonly supervisor: Supervisor;
  /** Writes the record; `handed`: for the next process, `back`: from there again. Throws when the run is not ours any more. */
  readonly save: (record: RunRecord, how?: 'handed' | 'back') => Promise<void>;
  readonly values: Values;
  /** Aborted with an `EndCause` as its reason. */
  readonly signal: AbortSignal;
  /** Other runs under way in this process. */
  readonly others: () => readonly string[];
}

/** What a drive came to: a run that has ended, or one that the next process goes on with. */
export type DriveEnd = 'ended' | 'handed_over';

/** Takes a run from where its record stands to its end, each change on the disk before the next step begins. */
export async function driveRun(initial: RunRecord, deps: DriveDeps): Promise<DriveEnd> {
  let record = initial;
  const put = async (next: RunRecord, how?: 'handed' | 'back'): Promise<void> => {
    record = next;
    await deps.save(record, how);
  };
  for (let step = presentStep(record); step !== undefined; step = presentStep(record)) {
    const file = definitionOf(record).steps[step.number - 1];
    if (file === undefined || deps.signal.aborted) return finish(record, step, deps);
    if (file.action === 'restart-server') {
      const ended = await restartStep(step, file, deps, (next, how) => put(withStep(record, next), how));
      if (ended === 'handed_over') return ended;
    } else {
      const begun = { ...step, state: 'running' as const, started_at: nowOf(deps) };
      await put(withStep(record, begun));
      const work = { run: record, place: String(step.number), step: file, values: deps.values, signal: deps.signal };
      const result = await driveStep(begun, work, deps);
      const isTolerated = result.state === 'failed' && file.tolerate === true && !deps.signal.aborted;
      if (result.state === 'failed' && !isTolerated) return finish(withStep(record, result), result, deps);
      await put(withStep(record, isTolerated ? { ...result, state: 'tolerated' } : result));
    }
    const after = record.steps[step.number - 1];
    if (after?.state === 'failed') return finish(record, after, deps);
  }
  await deps.save({ ...record, state: 'done', ended_at: nowOf(deps) });
  return 'ended';
}

const nowOf = ({ clock }: DriveDeps): string => new Date(clock.now()).toISOString();

function withStep(record: RunRecord, step: RunStep): RunRecord {
  return { ...record, steps: record.steps.map((one) => (one.number === step.number ? step : one)) };
}

function causeOf(signal: AbortSignal): EndCause | undefined {
  return signal.aborted ? (signal.reason as EndCause) : undefined;
}

/** The step that ends in the next process: the record says so before this one is asked to end. */
async function restartStep(
  step: RunStep,
  file: StepFile,
  deps: DriveDeps,
  put: (step: RunStep, how?: 'handed' | 'back') => Promise<void>,
): Promise<DriveEnd> {
  const timeoutMs = msOf(file.timeout, STEP_TIMEOUT_MS);
  if (step.state === 'restarting') {
    await put(restarted(step, timeoutMs, deps));
    return 'ended';
  }
  const fail = (reason: Reason, how?: 'back'): Promise<void> =>
    put({ ...step, state: 'failed', attempts: 1, started_at: step.started_at ?? nowOf(deps), ended_at: nowOf(deps), reason }, how);
  const others = deps.others();
  const obstacle =
    others.length > 0 ? { code: 'runbook_others_run', params: { names: others.join(', ') } } : await deps.supervisor.obstacle();
  if (obstacle !== null) {
    await fail(obstacle);
    return 'ended';
  }
  await put({ ...step, state: 'restarting', attempts: 1, started_at: nowOf(deps) }, 'handed');
  const refusal = await deps.supervisor.restart();
  if (refusal === null && (await isStopped(deps.signal, timeoutMs))) return 'handed_over';
  await fail(refusal ?? { code: 'runbook_not_restarted', params: { seconds: timeoutMs / 1000 } }, 'back');
  return 'ended';
}

function restarted(step: RunStep, timeoutMs: number, { clock }: DriveDeps): RunStep {
  const now = clock.now();
  const tookMs = Math.max(0, now - Date.parse(step.started_at ?? new Date(now).toISOString()));
  const seconds = Math.round(tookMs / 100) / 10;
  const ended = { ...step, ended_at: new Date(now).toISOString() };
  if (tookMs > timeoutMs) return { ...ended, state: 'failed', reason: { code: 'runbook_restart_late', params: { seconds } } };
  return { ...ended, state: 'done', facts: [{ code: 'runbook_restarted', params: { seconds } }] };
}

/** True when the process is being stopped before the time is over. */
function isStopped(signal: AbortSignal, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    const look = (): void => {
      clearTimeout(timer);
      resolve(causeOf(signal)?.kind === 'stop');
    };
    if (signal.aborted) look();
    else signal.addEventListener('abort', look, { once: true });
  });
}

/** Ends a run at a step that failed, or that something from outside has ended. */
async function finish(record: RunRecord, step: RunStep, deps: DriveDeps): Promise<DriveEnd> {
  const cause = causeOf(deps.signal);
  if (cause?.kind === 'stop') {
    // What failed because the server stops has not failed.
    const open = { ...record, steps: record.steps.map((one) => (one.number === step.number ? reopened(one) : one)) };
    await deps.save(interrupted(open, { code: 'runbook_server_stopped', params: {} }, deps.clock.now()));
    return 'ended';
  }
  const reason = cause?.kind === 'timeout' ? { code: 'runbook_run_timeout', params: {} } : cause?.kind === 'cancel' ? null : step.reason;
  const ending: RunRecord = {
    ...record,
    reason,
    failed_step: step.number,
    leaves: step.leaves,
    cancelled_by: cause?.kind === 'cancel' ? cause.by : null,
    steps: record.steps.map((one) => endedStep(one, step.number, cause)),
  };
  const cleaned = await cleanUp(ending, deps);
  const state = cause?.kind === 'cancel' ? 'cancelled' : 'failed';
  await deps.save({ ...cleaned, state, ended_at: nowOf(deps) });
  return 'ended';
}

const reopened = (step: RunStep): RunStep => (step.started_at === null ? step : { ...step, state: 'running', ended_at: null });

function endedStep(step: RunStep, ended: number, cause: EndCause | undefined): RunStep {
  if (step.number === ended && cause?.kind === 'cancel') return { ...step, state: 'cancelled', reason: null };
  if (step.number === ended && cause?.kind === 'timeout')
    return { ...step, state: 'failed', reason: { code: 'runbook_run_timeout', params: {} } };
  return step.state === 'pending' ? { ...step, state: 'skipped' } : step;
}

/** The steps of `on_failure`. One that fails does not keep the others from their work. */
async function cleanUp(ending: RunRecord, deps: DriveDeps): Promise<RunRecord> {
  const files = definitionOf(ending).on_failure ?? [];
  let record = { ...ending, cleanup: files.map((file, index) => newStep(file, index + 1, deps.values)) };
  for (const [index, file] of files.entries()) {
    const begun = { ...record.cleanup[index], state: 'running', started_at: nowOf(deps) } as RunStep;
    const put = (step: RunStep): RunRecord => ({
      ...record,
      cleanup: record.cleanup.map((one) => (one.number === step.number ? step : one)),
    });
    record = put(begun);
    await deps.save(record);
    // Whoever cancelled the run wants this; each step has its own timeout.
    const signal = new AbortController().signal;
    const work = { run: record, place: `cleanup-${index + 1}`, step: file, values: deps.values, signal };
    record = put(await driveStep(begun, work, deps));
  }
  return record;
}
