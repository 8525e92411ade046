import type { Sql } from '../../database.ts';

/** What gets old, and where its time is. `arrival` and `our-clock`: epoch milliseconds of the wall clock; `event`: of event time. */
const RULES = {
  /** Ids of raw transactions, by arrival. Counts stay; from then on a repeat of such an id is counted as new. */
  transaction_key: 'ingested_at < $1',
  /** Scores of minutes, by event time. */
  minute_score: 'minute < $1',
  /** Counts of minutes and the minutes themselves, by event time. */
  minute_count: 'minute < $1',
  minute_slice: 'minute < $1',
  minute: 'minute < $1 and closed_at is not null',
  /** Anomalies and alerts that are over, by the event time of their end. The first condition is what the index knows. */
  anomaly: `started_at < $1 and resolved_at < $1 and state = 'resolved'`,
  alert: `starts_at < $1 and ends_at < $1 and status = 'resolved'`,
  /** Verdicts, by the event time at which they were given. */
  feedback: 'minute < $1',
  /** Answers of the chat and what people talk about in it, by the wall clock; how the program was, by the end of an interval. */
  chat_answer: 'answered_at < $1',
  chat_context: 'updated_at < $1',
  service_state: 'started_at < $1 and ended_at < $1',
  /** Messages that are settled, by when they were put into the queue. */
  notification: `created_at < $1 and state <> 'pending'`,
  /** What people did about alerts, once it is over. What a silence hid goes with it. */
  alert_response: 'ended_at < $1',
  silence: 'ended_at < $1',
  maintenance: 'ended_at < $1 and not exists (select from silence as s where s.maintenance_id = maintenance.id)',
  /** Firings that second channels heard of. */
  passed_on: 'at < $1',
  /** What receivers reported, by when it came. */
  receipt: 'noted_at < $1',
  /** What receivers know of groups of which nothing fires any more. */
  notify_group: `queued_at < $1 and flush_at is null and told = '{}'::jsonb
    and not exists (select from notification as n where n.state = 'pending' and n.receiver = notify_group.receiver and n.group_key = notify_group.group_key)
    and not exists (select from alert as a where a.status = 'firing' and a.group_key = notify_group.group_key)`,
} as const;

/** A table of which old rows are deleted. */
export type OldKind = keyof typeof RULES;

/** Deletes at most `limit` rows of a kind that are from before `before` (epoch milliseconds); returns how many. What is open,
 *  firing or pending stays, however old. Idempotent. */
export async function deleteOld(sql: Sql, kind: OldKind, args: { readonly before: number; readonly limit: number }): Promise<number> {
  return deleteFrom(sql, kind, RULES[kind], args);
}

/** The same of the minute counts that no table of a week has, where they are divided by weeks. */
export async function deleteOldCounts(
  sql: Sql,
  table: 'minute_count_before' | 'minute_count_later',
  args: { readonly before: number; readonly limit: number },
): Promise<number> {
  return deleteFrom(sql, table, RULES.minute_count, args);
}

async function deleteFrom(
  sql: Sql,
  table: string,
  rule: string,
  args: { readonly before: number; readonly limit: number },
): Promise<number> {
  const [row] = await sql.query<{ deleted: number }>(
    `with gone as (
       delete from ${table} where ctid = any (array(select ctid from ${table} where ${rule} limit $2)) returning 1
     ) select count(*)::int as deleted from gone`,
    [Math.floor(args.before), args.limit],
  );
  return row?.deleted ?? 0;
}

/** Deletes at most `limit` raw transactions from before `before` (epoch milliseconds of arrival) that no table of a day has. `unkeyed`: those
 *  of them that an earlier version stored, whose ids go with them. Idempotent. */
export async function deleteOldRows(
  sql: Sql,
  table: 'transaction_before' | 'transaction_later',
  args: { readonly before: number; readonly limit: number },
): Promise<{ readonly deleted: number; readonly unkeyed: number }> {
  const [row] = await sql.query<{ deleted: number; unkeyed: number }>(
    `with gone as (
       delete from ${table} where ctid = any (array(select ctid from ${table} where ingested_at < $1 limit $2)) returning id
     ) select count(*)::int as deleted, count(*) filter (where not exists (select from transaction_key k where k.id = gone.id))::int as unkeyed from gone`,
    [Math.floor(args.before), args.limit],
  );
  return row ?? { deleted: 0, unkeyed: 0 };
}
