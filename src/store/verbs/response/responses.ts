import type { PersonName } from '@transaction-guardian/contracts/alert-state.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Sql } from '../../database.ts';

/** What somebody did about an alert. Times are epoch milliseconds, wall clock. */
export interface ResponseRow {
  readonly id: number;
  readonly kind: 'acknowledge' | 'snooze';
  readonly anomalyId: string;
  readonly severity: Severity;
  readonly by: PersonName;
  readonly comment: string | null;
  readonly at: number;
  readonly until: number | null;
}

/** How a response ended. `replaced`: by another one of the same kind. */
export type ResponseEnd = 'withdrawn' | 'replaced' | 'timeout' | 'worse' | 'resolved';

const COLUMNS = `id, kind, anomaly_id as "anomalyId", severity, jsonb_build_object('id', by_id, 'name', by_name) as by, comment, at, until`;

/** Responses in force, all or those of these anomalies, the oldest first. */
export async function readResponses(sql: Sql, anomalyIds?: readonly string[]): Promise<ResponseRow[]> {
  return sql.query(
    `select ${COLUMNS} from alert_response where ended_at is null and ($1::text[] is null or anomaly_id = any($1)) order by id`,
    [anomalyIds ?? null],
  );
}

/** Stores responses. Throws when one of the same kind is in force on the same anomaly. */
export async function insertResponses(tx: Sql, responses: readonly Omit<ResponseRow, 'id'>[]): Promise<void> {
  if (responses.length === 0) return;
  await tx.query(
    `insert into alert_response (kind, anomaly_id, severity, by_id, by_name, comment, at, until)
     select kind, anomaly_id, severity, by_id, by_name, comment, at, until
       from jsonb_to_recordset($1::jsonb) as x(kind text, anomaly_id text, severity text, by_id text, by_name text, comment text, at bigint, until bigint)`,
    [JSON.stringify(responses.map(({ by, anomalyId, ...rest }) => ({ ...rest, anomaly_id: anomalyId, by_id: by.id, by_name: by.name })))],
  );
}

/** Ends responses. `by`: id of the actor; null where it ended by itself. */
export async function endResponses(
  tx: Sql,
  ids: readonly number[],
  end: { readonly how: ResponseEnd; readonly at: number; readonly by: string | null },
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    'update alert_response set ended_at = $2, ended_how = $3, ended_by = $4 where id = any($1::bigint[]) and ended_at is null',
    [ids, end.at, end.how, end.by],
  );
}
