import type { Sql } from '../../database.ts';

/** A session of the console. Times: epoch milliseconds. */
export interface SessionRow {
  readonly id: string;
  readonly actor: string;
  readonly link: string | null;
  readonly opened_at: number;
  readonly expires_at: number;
  readonly address: string | null;
  readonly ended_at: number | null;
}

/** Stores a session that was opened, and forgets those that are long over. Doing it again changes nothing. */
export async function insertSession(sql: Sql, row: Omit<SessionRow, 'ended_at'>, forgetBefore: number): Promise<void> {
  await sql.query('delete from access_session where expires_at < $1', [forgetBefore]);
  const { id, actor, link, opened_at, expires_at, address } = row;
  await sql.query(
    `insert into access_session (id, actor, link, opened_at, expires_at, address) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do nothing`,
    [id, actor, link, opened_at, expires_at, address],
  );
}

/** The session with this id. */
export async function findSession(sql: Sql, id: string): Promise<SessionRow | undefined> {
  const [found] = await sql.query<SessionRow>('select * from access_session where id = $1', [id]);
  return found;
}

/** Notes that a session is over; false when it was already, or nobody knows it. */
export async function endSession(sql: Sql, id: string, at: number): Promise<boolean> {
  const ended = await sql.query(
    'update access_session set ended_at = $2 where id = $1 and ended_at is null and expires_at > $2 returning id',
    [id, at],
  );
  return ended.length === 1;
}

/** Sessions that were open after `since`, the newest first; at most 200. */
export async function listSessions(sql: Sql, since: number, actor: string | null): Promise<SessionRow[]> {
  return sql.query<SessionRow & Record<string, unknown>>(
    'select * from access_session where expires_at > $1 and ($2::text is null or actor = $2) order by opened_at desc limit 200',
    [since, actor],
  );
}

/** Sessions that were ended before their time and whose cookies are still in time. */
export async function listEndedEarly(sql: Sql, now: number): Promise<Pick<SessionRow, 'id' | 'expires_at'>[]> {
  return sql.query('select id, expires_at from access_session where ended_at is not null and expires_at > $1', [now]);
}
