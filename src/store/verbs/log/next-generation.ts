import type { Sql } from '../../database.ts';

/** A generation above that of every claim of a group, for readers whose partitions no bus assigns: one process has them by a lock. Two that
 *  get the same one cannot both claim a partition with it. */
export async function nextGeneration(sql: Sql, group: string): Promise<number> {
  const [row] = await sql.query<{ next: number }>(
    'select coalesce(max(generation), 0) + 1 as next from consumer_offset where consumer_group = $1',
    [group],
  );
  return row?.next ?? 1;
}
