import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Sql } from '../../database.ts';

/** Transactions of [from, to), epoch milliseconds of event time. */
export interface TrafficRow {
  readonly total: number;
  readonly approved: number;
  /** Closed minutes with a source that was heard. */
  readonly minutes: number;
  /** Newest closed minute with transactions, epoch milliseconds; null without one. */
  readonly newest: number | null;
}

/** Sums of the closed minutes of a period, approved ones too: those of an open minute would stand beside a total without it. Approved ones
 *  come from the counts of all merchants together: those of each merchant are thousands of rows a minute. */
export async function readShiftTraffic(sql: Sql, from: number, to: number): Promise<TrafficRow> {
  const [[minutes], [approved]] = await Promise.all([
    sql.query<{ total: number; minutes: number; newest: number | null }>(
      `select coalesce(sum(total), 0)::bigint as total, count(*)::int as minutes,
              max(minute) filter (where total > 0) as newest
         from minute
        where closed_at is not null and state <> 'silent' and minute >= $1 and minute < $2`,
      [from, to],
    ),
    sql.query<{ approved: number }>(
      `select coalesce(sum(s.count), 0)::bigint as approved from minute_slice s join minute m using (minute)
        where s.status = 'approved' and m.closed_at is not null and m.state <> 'silent' and s.minute >= $1 and s.minute < $2`,
      [from, to],
    ),
  ]);
  return { total: minutes?.total ?? 0, minutes: minutes?.minutes ?? 0, approved: approved?.approved ?? 0, newest: minutes?.newest ?? null };
}

/** The newest closed minute, epoch milliseconds; null without one. */
export async function readNewestClosed(sql: Sql): Promise<number | null> {
  const [row] = await sql.query<{ minute: number }>('select minute from minute where closed_at is not null order by minute desc limit 1');
  return row?.minute ?? null;
}

/** Incidents opened in [from, to), wall clock, by priority. */
export async function countIncidents(sql: Sql, from: number, to: number): Promise<Record<string, number>> {
  const rows = await sql.query<{ priority: string; n: number }>(
    'select priority, count(*)::int as n from incident where opened_at >= $1 and opened_at < $2 group by priority',
    [from, to],
  );
  return Object.fromEntries(rows.map(({ priority, n }) => [priority, n]));
}

/** Messages that fire and that a receiver took in [from, to), wall clock: of each receiver, and by alert name. */
export async function readPages(
  sql: Sql,
  from: number,
  to: number,
): Promise<readonly { readonly receiver: string; readonly name: string; readonly pages: number }[]> {
  return sql.query(
    `select receiver, coalesce(message -> 'firing' -> 0 -> 'labels' ->> 'alertname', '') as name, count(*)::int as pages from notification
      where kind = 'alerts' and state = 'delivered' and status = 'firing' and delivered_at >= $1 and delivered_at < $2
      group by 1, 2 order by pages desc, name`,
    [from, to],
  );
}

/** Messages of one cause at one severity that a receiver took. */
export interface PagedCause {
  readonly receiver: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly pages: number;
  /** Verdicts in force on its anomalies. */
  readonly useful: number;
  readonly noise: number;
}

/** Who was paged for what in [from, to), wall clock, the noisiest first. A message counts for the first alert that it names. */
export async function readPagedCauses(sql: Sql, from: number, to: number, most: number): Promise<PagedCause[]> {
  return sql.query<PagedCause & Record<string, unknown>>(
    `with page as (
       select receiver, message -> 'firing' -> 0 -> 'labels' as labels, message -> 'firing' -> 0 ->> 'fingerprint' as fingerprint
         from notification
        where kind = 'alerts' and state = 'delivered' and status = 'firing' and delivered_at >= $1 and delivered_at < $2),
     cause as (
       select receiver, labels, fingerprint, count(*)::int as pages from page where labels is not null group by 1, 2, 3
        order by pages desc, fingerprint limit $3)
     select c.receiver, c.labels ->> 'severity' as severity, c.labels, c.pages,
            (select count(*)::int from feedback f join alert a on a.anomaly_id = f.anomaly_id
              where a.fingerprint = c.fingerprint and f.ended_number is null and f.verdict = 'useful') as useful,
            (select count(*)::int from feedback f join alert a on a.anomaly_id = f.anomaly_id
              where a.fingerprint = c.fingerprint and f.ended_number is null and f.verdict = 'noise') as noise
       from cause c order by pages desc, c.fingerprint`,
    [from, to, most],
  );
}

/** Verdicts in force on anomalies that began in [from, to), and alerts of that time by how long they fired. */
export async function readNoise(
  sql: Sql,
  from: number,
  to: number,
): Promise<{ readonly useful: number; readonly noise: number; readonly ended: number; readonly short: number }> {
  const [[verdicts], [alerts]] = await Promise.all([
    sql.query<{ useful: number; noise: number }>(
      `select count(*) filter (where verdict = 'useful')::int as useful, count(*) filter (where verdict = 'noise')::int as noise
         from feedback where ended_number is null and given_at >= $1 and given_at < $2`,
      [from, to],
    ),
    sql.query<{ ended: number; short: number }>(
      `select count(*)::int as ended, count(*) filter (where ends_at - starts_at < 300000)::int as short from alert
        where status = 'resolved' and not backfill and ends_at >= $1 and ends_at < $2`,
      [from, to],
    ),
  ]);
  return { useful: verdicts?.useful ?? 0, noise: verdicts?.noise ?? 0, ended: alerts?.ended ?? 0, short: alerts?.short ?? 0 };
}

/** A receiver that cannot be reached. `since`: of the oldest message that waits for it, epoch milliseconds. */
export interface FailingReceiver {
  readonly receiver: string;
  readonly since: number;
}

/** Receivers that failed to take a message that waits. */
export async function readFailingReceivers(sql: Sql): Promise<FailingReceiver[]> {
  return sql.query(
    `select receiver, min(created_at)::bigint as since from notification where state = 'pending' and attempts > 1 and last_error is not null
      group by receiver order by receiver`,
  );
}

/** Silences in force at `now` that end in [now, until), wall clock. */
export async function readEndingSilences(
  sql: Sql,
  now: number,
  until: number,
): Promise<{ readonly id: string; readonly reason: string; readonly ends_at: number }[]> {
  return sql.query(
    'select id, reason, ends_at from silence where ended_at is null and starts_at <= $1 and ends_at >= $1 and ends_at < $2 order by ends_at, id limit 20',
    [now, until],
  );
}

/** Runs of runbooks that a person still has to look at. */
export async function readInterruptedRuns(
  sql: Sql,
): Promise<{ readonly id: string; readonly runbook: string; readonly started_at: number }[]> {
  return sql.query(`select id, runbook, started_at from runbook_run where state = 'interrupted' order by started_at desc limit 10`);
}

/** Whether the program ran at some time before `at` (epoch milliseconds, wall clock). */
export async function hasRunBefore(sql: Sql, at: number): Promise<boolean> {
  return (await sql.query('select 1 from service_state where started_at < $1 limit 1', [at])).length > 0;
}
