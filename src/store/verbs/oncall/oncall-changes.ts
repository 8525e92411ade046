import type { Sql } from '../../database.ts';

/** An override, or a half of a swap. Times: epoch milliseconds. */
export interface OnCallChangeRow {
  readonly id: string;
  readonly schedule: string;
  readonly person: string;
  readonly starts_at: number;
  readonly ends_at: number;
  readonly swap_id: string | null;
  readonly reason: string;
  readonly by_id: string;
  readonly by_name: string;
  readonly created_at: number;
  readonly ended_at: number | null;
}

const COLUMNS = 'id, schedule, person, starts_at, ends_at, swap_id, reason, by_id, by_name, created_at, ended_at';

/** Stores a change. */
export async function insertOnCallChange(sql: Sql, row: OnCallChangeRow): Promise<void> {
  const { id, schedule, person, starts_at, ends_at, swap_id, reason, by_id, by_name, created_at } = row;
  await sql.query(
    `insert into oncall_change (id, schedule, person, starts_at, ends_at, swap_id, reason, by_id, by_name, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, schedule, person, starts_at, ends_at, swap_id, reason, by_id, by_name, created_at],
  );
}

/** Which changes: of one schedule where it is given; `standing`: without those that somebody took back. */
export interface OnCallChangeFilter {
  readonly schedule?: string;
  readonly standing?: boolean;
}

/** Changes that reach beyond `since`, oldest first, at most 1,000. */
export async function listOnCallChanges(
  sql: Sql,
  since: number,
  { schedule, standing = false }: OnCallChangeFilter = {},
): Promise<OnCallChangeRow[]> {
  return sql.query<OnCallChangeRow & Record<string, unknown>>(
    `select ${COLUMNS} from (
       select * from oncall_change
        where ends_at > $1 and ($2::text is null or schedule = $2) and (not $3::boolean or ended_at is null)
        order by number desc limit 1000
     ) as newest order by number`,
    [since, schedule ?? null, standing],
  );
}

/** Takes a change back that is not over, both halves of a swap. Returns them; empty: there is none. */
export async function endOnCallChange(
  sql: Sql,
  id: string,
  { at, by }: { readonly at: number; readonly by: string },
): Promise<OnCallChangeRow[]> {
  return sql.query<OnCallChangeRow & Record<string, unknown>>(
    `update oncall_change set ended_at = $2, ended_by = $3
      where ended_at is null and ends_at > $2
        and (id = $1 or swap_id = (select swap_id from oncall_change where id = $1))
      returning ${COLUMNS}`,
    [id, at, by],
  );
}
