import type { ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { ParameterValues } from '@transaction-guardian/contracts/runbook.ts';
import type { Sql } from '../../database.ts';

/** What a code stands for. */
export interface PendingRun {
  readonly runbook: string;
  readonly fileHash: string;
  readonly parameters: ParameterValues;
  readonly resumes: string | null;
  readonly requestedBy: ActorIdentity;
  /** Person behind the sender, where one is known. */
  readonly person: string | null;
  readonly channel: string;
}

export interface StoredConfirmation {
  readonly request: PendingRun;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  readonly expiresAt: number;
  /** The run that it was used for. */
  readonly runId: string | null;
}

const KEPT_MS = 86_400_000;

/** Stores a request under the hash of its code, and forgets those of other days. */
export async function insertConfirmation(
  sql: Sql,
  codeHash: string,
  { request, requestedAt, expiresAt }: Omit<StoredConfirmation, 'runId'>,
): Promise<void> {
  await sql.query('delete from runbook_confirmation where requested_at < $1', [requestedAt - KEPT_MS]);
  await sql.query('insert into runbook_confirmation (code_hash, request, requested_at, expires_at) values ($1, $2::jsonb, $3, $4)', [
    codeHash,
    JSON.stringify(request),
    requestedAt,
    expiresAt,
  ]);
}

/** Reads a request by the hash of its code and keeps others from using it until the transaction ends; null without one. */
export async function takeConfirmation(sql: Sql, codeHash: string): Promise<StoredConfirmation | null> {
  const [row] = await sql.query<{ request: PendingRun; requested_at: number; expires_at: number; run_id: string | null }>(
    'select request, requested_at, expires_at, run_id from runbook_confirmation where code_hash = $1 for update',
    [codeHash],
  );
  if (row === undefined) return null;
  return { request: row.request, requestedAt: row.requested_at, expiresAt: row.expires_at, runId: row.run_id };
}

/** Notes the run that a code was used for. */
export async function useConfirmation(sql: Sql, codeHash: string, runId: string): Promise<void> {
  await sql.query('update runbook_confirmation set run_id = $2 where code_hash = $1', [codeHash, runId]);
}
