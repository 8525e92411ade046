import type { Sql } from '../../database.ts';

/** An alert that a second receiver is notified of in the place of the first. Times are epoch milliseconds; `startsAt`: event time. */
export interface Cover {
  readonly receiver: string;
  readonly groupKey: string;
  readonly fingerprint: string;
  readonly startsAt: number;
  readonly backup: string;
  readonly backupGroup: string;
  readonly since: number;
  readonly until: number;
  readonly provenAt: number | null;
}

const COLUMNS = `receiver, group_key as "groupKey", fingerprint, starts_at as "startsAt", backup, backup_group as "backupGroup", since, until,
  proven_at as "provenAt"`;

/** Every cover. */
export async function readCovers(sql: Sql): Promise<Cover[]> {
  return sql.query<Cover & Record<string, unknown>>(`select ${COLUMNS} from cover order by since, fingerprint`);
}

/** Whether there is anything to look after. */
export async function hasCovers(sql: Sql): Promise<boolean> {
  return (await sql.query('select 1 from cover limit 1')).length > 0;
}

/** Alerts of a group that a receiver need not be notified of: another one had them. */
export async function readProvenCovers(sql: Sql, receiver: string, groupKey: string): Promise<Pick<Cover, 'fingerprint' | 'startsAt'>[]> {
  return sql.query(
    `select fingerprint, starts_at as "startsAt" from cover where receiver = $1 and group_key = $2 and proven_at is not null`,
    [receiver, groupKey],
  );
}

export async function writeCover(tx: Sql, cover: Omit<Cover, 'provenAt'>): Promise<void> {
  await tx.query(
    `insert into cover (receiver, group_key, fingerprint, starts_at, backup, backup_group, since, until)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [cover.receiver, cover.groupKey, cover.fingerprint, cover.startsAt, cover.backup, cover.backupGroup, cover.since, cover.until],
  );
}

export async function deleteCover(tx: Sql, { receiver, fingerprint, startsAt }: Cover): Promise<void> {
  await tx.query('delete from cover where receiver = $1 and fingerprint = $2 and starts_at = $3', [receiver, fingerprint, startsAt]);
}

/** Notes that the second receiver had the alert: the first one, whatever it was sent, counts as not notified of it. */
export async function proveCover(tx: Sql, cover: Cover, at: number): Promise<void> {
  const { receiver, groupKey, fingerprint, startsAt } = cover;
  await tx.query('update cover set proven_at = $4 where receiver = $1 and fingerprint = $2 and starts_at = $3', [
    receiver,
    fingerprint,
    startsAt,
    at,
  ]);
  await tx.query(
    `update notify_group set told = told - $3::text, withheld = withheld - $3::text, offered = offered - $4::text
      where receiver = $1 and group_key = $2`,
    [receiver, groupKey, fingerprint, `${fingerprint} ${new Date(startsAt).toISOString()}`],
  );
}

/** Makes a group due: its receiver is notified again of what fires. */
export async function flushGroup(tx: Sql, receiver: string, groupKey: string, at: number): Promise<void> {
  await tx.query(
    'update notify_group set flush_at = least(coalesce(flush_at, $3::bigint), $3::bigint) where receiver = $1 and group_key = $2',
    [receiver, groupKey, at],
  );
}

/** What became of the newest message of a group to a receiver: when it is proven to have had it, and how often it was sent; null for none. */
export async function readNoticeProof(
  sql: Sql,
  receiver: string,
  groupKey: string,
): Promise<{ readonly receivedAt: number | null; readonly attempts: number; readonly state: string } | null> {
  const [row] = await sql.query<{ receivedAt: number | null; attempts: number; state: string }>(
    `select received_at as "receivedAt", attempts, state from notification where receiver = $1 and group_key = $2
      order by created_at desc, id desc limit 1`,
    [receiver, groupKey],
  );
  return row ?? null;
}

/** When a receiver had a message that fires about an alert, at or after `since`; null where nothing proves it. */
export async function readAlertProof(
  sql: Sql,
  { receiver, fingerprint, startsAt, since }: Pick<Cover, 'receiver' | 'fingerprint' | 'startsAt' | 'since'>,
): Promise<number | null> {
  const [row] = await sql.query<{ at: number | null }>(
    `select max(received_at) as at from notification
      where receiver = $1 and received_at >= $4 and status = 'firing'
        and message @> jsonb_build_object('firing', jsonb_build_array(jsonb_build_object('fingerprint', $2::text, 'starts_at', $3::text)))`,
    [receiver, fingerprint, new Date(startsAt).toISOString(), since],
  );
  return row?.at ?? null;
}

/** Takes a message that waits out of the queue. */
export async function dropPending(tx: Sql, receiver: string, groupKey: string): Promise<void> {
  await tx.query(
    `update notification set state = 'dropped', next_attempt_at = null where receiver = $1 and group_key = $2 and state = 'pending'`,
    [receiver, groupKey],
  );
}
