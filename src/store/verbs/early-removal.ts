import type { Sql } from '../database.ts';

/** What `store.max_bytes` has removed so far. `before`, `removed_at`: epoch milliseconds of the wall clock. */
export interface EarlyRemoval {
  readonly removed: number;
  /** Rows that arrived before this are gone. */
  readonly before: number;
  readonly removed_at: number;
}

/** Undefined while nothing was ever removed early. */
export async function readEarlyRemoval(sql: Sql): Promise<EarlyRemoval | undefined> {
  const [row] = await sql.query<EarlyRemoval & Record<string, unknown>>('select removed, before, removed_at from early_removal');
  return row;
}

/** Adds `removed` rows and moves `before` on. Use it in the transaction that deletes them. */
export async function noteEarlyRemoval(sql: Sql, { removed, before, removed_at: at }: EarlyRemoval): Promise<void> {
  await sql.query(
    `insert into early_removal (removed, before, removed_at) values ($1, $2, $3)
     on conflict (is_only) do update set removed = early_removal.removed + excluded.removed,
       before = greatest(early_removal.before, excluded.before), removed_at = excluded.removed_at`,
    [removed, before, at],
  );
}

/** When the oldest raw transaction arrived; undefined without any. Reads all of an earlier version. */
export async function readOldestArrival(sql: Sql): Promise<number | undefined> {
  const [row] = await sql.query<{ oldest: number | null }>(
    'select least((select min(ingested_at) from transaction_before), (select min(ingested_at) from transaction_key)) as oldest',
  );
  return row?.oldest ?? undefined;
}
