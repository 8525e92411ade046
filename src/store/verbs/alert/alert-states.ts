import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { JSON_HEADERS } from '../../../topic/record-headers.ts';
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

/** One firing of an alert: its `starts_at` is in epoch milliseconds. */
type Firing = Pick<HeldAlert, 'fingerprint' | 'startsAt'>;

const FIRINGS = `jsonb_to_recordset($1::jsonb) as x(fingerprint text, "startsAt" bigint)
      where a.fingerprint = x.fingerprint and a.starts_at = x."startsAt"`;
const firingsParam = (firings: readonly Firing[]): string =>
  JSON.stringify(firings.map(({ fingerprint, startsAt }) => ({ fingerprint, startsAt })));

/** The states of these firings. */
export async function readStates(sql: Sql, firings: readonly Firing[]): Promise<WrittenState[]> {
  if (firings.length === 0) return [];
  const rows = await sql.query<Firing & { readonly state: Partial<AlertState> }>(
    `select a.fingerprint, a.starts_at as "startsAt", a.state from alert as a, ${FIRINGS}`,
    [firingsParam(firings)],
  );
  return rows.map(({ state, ...firing }) => ({ ...firing, state: { ...NO_STATE, ...state } }));
}

/** Puts an `AlertEvent` of each of these firings in line for `guardian.alerts`: updated, in all languages, with its state. In the
 *  database alone: a storm is megabytes. */
export async function enqueueStatedAlerts(tx: Sql, firings: readonly Firing[]): Promise<void> {
  if (firings.length === 0) return;
  await tx.query(
    `insert into outbox (topic, key, value, headers)
     select $2, a.fingerprint, jsonb_build_object('v', 1, 'event', 'updated', 'alert', a.body, 'translations', a.translations,
            'state', $3::jsonb || a.state)::text, $4::jsonb
       from alert as a, ${FIRINGS} order by a.starts_at, a.fingerprint`,
    [firingsParam(firings), TOPICS.alerts, JSON.stringify(NO_STATE), JSON.stringify(JSON_HEADERS)],
  );
}
