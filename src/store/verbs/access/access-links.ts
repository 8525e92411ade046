import type { Sql } from '../../database.ts';

/** A personal link or code. Times: epoch milliseconds. */
export interface LinkRow {
  readonly id: string;
  readonly person: string;
  readonly made_by: string;
  readonly made_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
  readonly revoked_at: number | null;
  /** What finds a code; null for a link. */
  readonly code_key: string | null;
}

/** Stores a new link, and forgets those that are long out of date. */
export async function insertLink(
  sql: Sql,
  { id, person, made_by, made_at, expires_at, code_key }: LinkRow,
  forgetBefore: number,
): Promise<void> {
  await sql.query('delete from access_link where expires_at < $1', [forgetBefore]);
  const values = [id, person, made_by, made_at, expires_at, code_key];
  await sql.query('insert into access_link (id, person, made_by, made_at, expires_at, code_key) values ($1, $2, $3, $4, $5, $6)', values);
}

/** The link with this id. */
export async function findLink(sql: Sql, id: string): Promise<LinkRow | undefined> {
  const [found] = await sql.query<LinkRow>('select * from access_link where id = $1', [id]);
  return found;
}

/** The code that this key finds. */
export async function findCode(sql: Sql, key: string): Promise<LinkRow | undefined> {
  const [found] = await sql.query<LinkRow>('select * from access_link where code_key = $1', [key]);
  return found;
}

/** Uses a link up; false when it was used, revoked or is out of date. */
export async function useLink(sql: Sql, id: string, at: number): Promise<boolean> {
  const used = await sql.query(
    'update access_link set used_at = $2 where id = $1 and used_at is null and revoked_at is null and expires_at > $2 returning id',
    [id, at],
  );
  return used.length === 1;
}

/** Revokes a link that is still good; false when it is not. */
export async function revokeLink(sql: Sql, id: string, at: number): Promise<boolean> {
  const revoked = await sql.query(
    'update access_link set revoked_at = $2 where id = $1 and used_at is null and revoked_at is null and expires_at > $2 returning id',
    [id, at],
  );
  return revoked.length === 1;
}

/** Links that were good after `since`, the newest first; at most 200. */
export async function listLinks(sql: Sql, since: number, person: string | null): Promise<LinkRow[]> {
  return sql.query<LinkRow & Record<string, unknown>>(
    'select * from access_link where expires_at > $1 and ($2::text is null or person = $2) order by made_at desc limit 200',
    [since, person],
  );
}
