import type { Sql } from '../../database.ts';

/** What holds back an alert that only Alertmanager has. Times are epoch milliseconds. */
export interface ElsewhereHoldRow {
  readonly fingerprint: string;
  /** `acknowledge`, `snooze`, `silence`. */
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Name of whoever asked for it. */
  readonly by: string;
  readonly at: number;
  readonly until: number;
  /** When it was ended before its time; null: it holds. */
  readonly endedAt: number | null;
}

/** All of them, also those that were ended before their time. */
export async function readElsewhereHolds(sql: Sql): Promise<ElsewhereHoldRow[]> {
  return sql.query(
    'select fingerprint, kind, labels, by_name as "by", at, until, ended_at as "endedAt" from elsewhere_hold order by fingerprint',
  );
}

/** Notes what holds an alert back now, in the place of what was known of it. */
export async function writeElsewhereHold(tx: Sql, { fingerprint, kind, labels, by, at, until, endedAt }: ElsewhereHoldRow): Promise<void> {
  await tx.query(
    `insert into elsewhere_hold (fingerprint, kind, labels, by_name, at, until, ended_at) values ($1, $2, $3::jsonb, $4, $5, $6, $7)
     on conflict (fingerprint) do update set kind = excluded.kind, labels = excluded.labels, by_name = excluded.by_name, at = excluded.at,
       until = excluded.until, ended_at = excluded.ended_at, restored_at = 0`,
    [fingerprint, kind, JSON.stringify(labels), by, at, until, endedAt],
  );
}

/** Ends one before its time, unless it has been asked for again since `at`. */
export async function endElsewhereHold(
  tx: Sql,
  { fingerprint, at }: Pick<ElsewhereHoldRow, 'fingerprint' | 'at'>,
  now: number,
): Promise<void> {
  await tx.query('update elsewhere_hold set ended_at = $3 where fingerprint = $1 and at = $2 and ended_at is null', [fingerprint, at, now]);
}

/** Whether it falls to the caller to put its silences back: of several processes that look at once, one does. */
export async function claimElsewhereHold(
  tx: Sql,
  fingerprint: string,
  { now, everyMs }: { readonly now: number; readonly everyMs: number },
): Promise<boolean> {
  const rows = await tx.query(
    'update elsewhere_hold set restored_at = $2 where fingerprint = $1 and ended_at is null and restored_at <= $3 returning fingerprint',
    [fingerprint, now, now - everyMs],
  );
  return rows.length > 0;
}

/** Removes what is past its time. */
export async function removeElsewhereHolds(tx: Sql, now: number): Promise<void> {
  await tx.query('delete from elsewhere_hold where until <= $1', [now]);
}
