import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { ParameterValues, RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Sql } from '../store/database.ts';
import { readLastRun, readRun } from '../store/verbs/runbook/list-runs.ts';
import { insertRun } from '../store/verbs/runbook/runbook-run.ts';
import { msOf } from './duration.ts';
import type { Values } from './placeholder.ts';
import type { Runbook } from './read-runbook.ts';
import { refusal, type Refusal } from './refusal.ts';
import { newRecord, resumableStep } from './run-record.ts';

const DAY_MS = 86_400_000;

/** A run that somebody, or an alert, asks for. */
export interface WantedRun {
  readonly runbook: Runbook;
  readonly parameters: ParameterValues;
  readonly requestedBy: ActorIdentity;
  readonly channel: string;
  readonly confirmedBy: ActorIdentity | null;
  /** Id of the run that it continues. */
  readonly resumes: string | null;
  readonly alert: { readonly fingerprint: string; readonly key: string } | null;
}

export interface StartDeps {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly newId: () => string;
  readonly holder: string;
  readonly valuesOf: (record: Pick<RunRecord, 'id' | 'parameters'>) => Values;
}

/** Why the runbook does not run now; null when it may. */
export async function startObstacle(
  sql: Sql,
  { runbook, alert }: Pick<WantedRun, 'runbook' | 'alert'>,
  now: number,
): Promise<Refusal | null> {
  const { name, cooldown, auto } = runbook.content;
  const { last, byItself } = await readLastRun(sql, name, now - DAY_MS);
  if (last?.state === 'running') return refusal('running', { run: last.id, by: shownName(last.requested_by), at: last.started_at });
  const endedAt = Date.parse(last?.ended_at ?? '');
  const untilMs = endedAt + msOf(cooldown, 0);
  // What failed may be repeated at once, by a person. A clock that was set back must not keep the runbook closed for long.
  const isWaiting = last?.state === 'done' || alert !== null;
  if (isWaiting && endedAt <= now && untilMs > now) return refusal('cooldown', { seconds: Math.ceil((untilMs - now) / 1000) });
  if (alert !== null && byItself >= (auto?.per_day ?? 0)) return refusal('per_day', { limit: auto?.per_day ?? 0 });
  return null;
}

/** Stores a run, in the transaction of its audit row, when nothing speaks against it. */
export async function startRun(sql: Sql, wanted: WantedRun, deps: StartDeps): Promise<RunRecord | Refusal> {
  const obstacle = await startObstacle(sql, wanted, deps.now);
  if (obstacle !== null) return obstacle;
  const resumes = await resumed(sql, wanted);
  if (resumes !== null && 'kind' in resumes) return resumes;
  const id = deps.newId();
  const { alert, ...rest } = wanted;
  const record = newRecord({
    ...rest,
    id,
    resumes,
    alert: alert?.fingerprint ?? null,
    at: deps.now,
    values: deps.valuesOf({ id, parameters: wanted.parameters }),
  });
  const isNew = await insertRun(sql, record, { holder: deps.holder, alertKey: alert?.key ?? null });
  return isNew ? record : refusal('alert_done');
}

async function resumed(
  sql: Sql,
  { resumes, runbook }: WantedRun,
): Promise<{ readonly id: string; readonly doneSteps: number } | null | Refusal> {
  if (resumes === null) return null;
  const record = await readRun(sql, resumes);
  if (record === null) return refusal('unknown_run', { run: resumes });
  if (record.file_hash !== runbook.hash) return refusal('changed', { name: runbook.content.name });
  const step = resumableStep(record);
  if (step !== undefined) return { id: resumes, doneSteps: step - 1 };
  if (record.failed_step === null) return refusal('nothing_left', { run: resumes, state: record.state });
  return refusal('not_resumable', { run: resumes, step: record.failed_step });
}
