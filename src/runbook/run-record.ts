import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { ParameterValues, RunRecord, RunStep } from '@transaction-guardian/contracts/runbook.ts';
import { describeStep, kindOf } from './describe-step.ts';
import { fill, type Values } from './placeholder.ts';
import type { Runbook } from './read-runbook.ts';
import type { RunbookFile, StepFile } from './runbook-schema.ts';

/** What a run begins with. */
export interface RunStart {
  readonly id: string;
  readonly runbook: Runbook;
  readonly parameters: ParameterValues;
  readonly requestedBy: ActorIdentity;
  readonly channel: string;
  readonly confirmedBy: ActorIdentity | null;
  readonly alert: string | null;
  /** The run that this one continues, and how many of its steps were done. */
  readonly resumes: { readonly id: string; readonly doneSteps: number } | null;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly values: Values;
}

/** The record of a run that begins. Pure. */
export function newRecord(start: RunStart): RunRecord {
  const { runbook, resumes } = start;
  const steps = runbook.content.steps.map((step, index) => {
    const isDone = resumes !== null && index < resumes.doneSteps;
    const record = newStep(step, index + 1, start.values);
    return isDone ? { ...record, state: 'skipped' as const, reason: { code: 'runbook_done_before', params: { run: resumes.id } } } : record;
  });
  return {
    id: start.id,
    runbook: runbook.content.name,
    file_hash: runbook.hash,
    definition: runbook.content,
    parameters: start.parameters,
    state: 'running',
    requested_by: start.requestedBy,
    channel: start.channel,
    confirmed_by: start.confirmedBy,
    alert: start.alert,
    resumes: resumes?.id ?? null,
    cancelled_by: null,
    started_at: new Date(start.at).toISOString(),
    ended_at: null,
    reason: null,
    failed_step: null,
    leaves: null,
    steps,
    cleanup: [],
  };
}

/** A step that has not begun. Pure. */
export function newStep(step: StepFile, number: number, values: Values): RunStep {
  return {
    number,
    name: fill(step.name, values) as StepFile['name'],
    kind: kindOf(step),
    does: describeStep(step, values),
    state: 'pending',
    attempts: 0,
    started_at: null,
    ended_at: null,
    reason: null,
    facts: [],
    output: '',
    output_bytes: 0,
    leaves: step.leaves === undefined ? null : (fill(step.leaves, values) as StepFile['name']),
  };
}

/** The runbook that a record was made of. */
export function definitionOf(record: RunRecord): RunbookFile {
  return record.definition as RunbookFile;
}

const PASSED: ReadonlySet<RunStep['state']> = new Set(['done', 'tolerated', 'skipped']);

/** The step that a run is at: the first that it has not passed. */
export function presentStep(record: RunRecord): RunStep | undefined {
  return record.steps.find(({ state }) => !PASSED.has(state));
}

/** The record of a run whose process is gone: its step says that nobody saw the end. Pure. */
export function interrupted(record: RunRecord, reason: NonNullable<RunRecord['reason']>, at: number): RunRecord {
  const now = new Date(at).toISOString();
  const isOpen = ({ state }: RunStep): boolean => state === 'running' || state === 'restarting';
  const step = record.steps.find(isOpen) ?? record.steps.find(({ state }) => state === 'pending');
  const end = (one: RunStep): RunStep => {
    if (isOpen(one)) return { ...one, state: 'interrupted', ended_at: now, reason };
    return one.state === 'pending' ? { ...one, state: 'skipped' } : one;
  };
  return {
    ...record,
    state: 'interrupted',
    ended_at: now,
    reason,
    failed_step: step?.number ?? null,
    leaves: step?.leaves ?? null,
    steps: record.steps.map(end),
    cleanup: record.cleanup.map(end),
  };
}

/** Number of the step at which a run that was interrupted or failed may go on; undefined where the file does not say that the step may
 *  be repeated. Pure. */
export function resumableStep(record: RunRecord): number | undefined {
  if (record.state !== 'interrupted' && record.state !== 'failed' && record.state !== 'cancelled') return undefined;
  const { failed_step: number } = record;
  if (number === null) return undefined;
  const wasReached = record.steps[number - 1]?.started_at !== null;
  return !wasReached || definitionOf(record).steps[number - 1]?.repeatable === true ? number : undefined;
}
