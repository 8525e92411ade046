import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import type { Sql } from '../../database.ts';

/** An alert that fires, as far as what holds it back is concerned. */
export interface HeldAlert {
  readonly fingerprint: string;
  /** Event time, epoch milliseconds. */
  readonly startsAt: number;
  readonly anomalyId: string;
  readonly groupKey: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly backfill: boolean;
  readonly state: AlertState;
}

/** One firing of an alert, and what holds it back. */
export type WrittenState = Pick<HeldAlert, 'fingerprint' | 'startsAt' | 'state'>;

/** Lets one writer at a time work out states: what one has read no other changes. Before any row of `alert` is written. */
export async function lockStates(tx: Sql): Promise<void> {
  await tx.exec('lock table alert_response in exclusive mode');
}

/** Every alert that fires, those of `anomalyIds` only where given. */
export async function readHeldAlerts(sql: Sql, anomalyIds?: readonly string[]): Promise<HeldAlert[]> {
  const rows = await sql.query<Omit<HeldAlert, 'state'> & { readonly state: Partial<AlertState> }>(
    `select fingerprint, starts_at as "startsAt", anomaly_id as "anomalyId", group_key as "groupKey", severity,
            body->'labels' as labels, backfill, state
       from alert where status = 'firing' and ($1::text[] is null or anomaly_id = any($1))
      order by starts_at, fingerprint`,
    [anomalyIds ?? null],
  );
  return rows.map((row) => ({ ...row, state: { ...NO_STATE, ...row.state } }));
}

/** Stores states. */
export async function writeStates(tx: Sql, states: readonly WrittenState[]): Promise<void> {
  if (states.length === 0) return;
  await tx.query(
    `update alert as a set state = x.state
       from jsonb_to_recordset($1::jsonb) as x(fingerprint text, "startsAt" bigint, state jsonb)
      where a.fingerprint = x.fingerprint and a.starts_at = x."startsAt"`,
    [JSON.stringify(states.map(({ fingerprint, startsAt, state }) => ({ fingerprint, startsAt, state })))],
  );
}

/** An alert as it goes over the bus. */
export interface StatedAlert {
  readonly alert: Alert;
  readonly translations: Readonly<Record<string, Alert>>;
  readonly state: AlertState;
}

/** The alerts of these firings (`fingerprint starts_at` in epoch milliseconds), in all languages, with their states. */
export async function readStatedAlerts(sql: Sql, firings: readonly Pick<HeldAlert, 'fingerprint' | 'startsAt'>[]): Promise<StatedAlert[]> {
  if (firings.length === 0) return [];
  const rows = await sql.query<{ body: Alert; translations: Record<string, Alert>; state: Partial<AlertState> }>(
    `select a.body, a.translations, a.state
       from alert as a, jsonb_to_recordset($1::jsonb) as x(fingerprint text, "startsAt" bigint)
      where a.fingerprint = x.fingerprint and a.starts_at = x."startsAt" order by a.starts_at, a.fingerprint`,
    [JSON.stringify(firings.map(({ fingerprint, startsAt }) => ({ fingerprint, startsAt })))],
  );
  return rows.map(({ body, translations, state }) => ({ alert: body, translations, state: { ...NO_STATE, ...state } }));
}
