import type { Sql } from '../../database.ts';

/** What a worker has counted in one transaction, as the closer reads it. `data`: JSON of its pieces. */
export interface StoredSegments {
  readonly id: number;
  readonly partition: number;
  /** Null for a row that the reader has. */
  readonly data: string | null;
}

/** How far the closer has merged a partition: every row up to `segment_id`, and `parts` pieces of the next one. */
export interface MergePosition {
  readonly partition: number;
  readonly segment_id: number;
  readonly parts: number;
}

/** Stores what a batch counted, and how far the events of its partition have come (epoch milliseconds). Call it in the
 *  transaction that adds the counts and commits the offset. Returns the id of the row. */
export async function addSegments(
  sql: Sql,
  batch: {
    readonly partition: number;
    readonly firstOffset: number;
    readonly lastMinute: number;
    readonly data: string;
    readonly maxEventAt: number;
  },
): Promise<number> {
  const [row] = await sql.query<{ id: number }>(
    'insert into window_segment (partition, first_offset, last_minute, data) values ($1, $2, $3, $4) returning id',
    [batch.partition, batch.firstOffset, batch.lastMinute, batch.data],
  );
  await sql.query(
    `insert into window_partition (partition, max_event_at) values ($1, $2)
     on conflict (partition) do update set max_event_at = greatest(window_partition.max_event_at, excluded.max_event_at)`,
    [batch.partition, batch.maxEventAt],
  );
  return row?.id ?? -1;
}

/** Newest event time that was counted, by partition. */
export async function readPartitionProgress(sql: Sql): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ partition: number; max_event_at: number }>('select partition, max_event_at from window_partition');
  return new Map(rows.map((row) => [row.partition, row.max_event_at]));
}

/** Which rows are wanted. */
export interface SegmentsWanted {
  /** Last known id, by partition. */
  readonly read: ReadonlyMap<number, number>;
  /** Ids of rows that the reader has: they come without data. */
  readonly owned: readonly number[];
  /** Partitions of which nothing is wanted. */
  readonly without: readonly number[];
  /** Most rows of one partition. */
  readonly limit: number;
}

/** Rows that are not known, in the order in which each partition was counted. */
export async function listSegments(sql: Sql, wanted: SegmentsWanted): Promise<StoredSegments[]> {
  return sql.query<StoredSegments>(
    `select id, partition, case when id = any($3::bigint[]) then null else data end as data from (
       select s.id, s.partition, s.data, row_number() over (partition by s.partition order by s.id) as place from window_segment s
       left join unnest($1::int[], $2::bigint[]) as known (partition, id) on known.partition = s.partition
       where s.id > coalesce(known.id, -1) and not s.partition = any($4::int[])
     ) as unknown where place <= $5 order by id`,
    [[...wanted.read.keys()], [...wanted.read.values()], wanted.owned, wanted.without, wanted.limit],
  );
}

/** Rows that are merged, and of which minutes are still open. */
export async function listMergedSegments(sql: Sql): Promise<StoredSegments[]> {
  return sql.query<StoredSegments>(
    `select s.id, s.partition, s.data from window_segment s join window_merge m on m.partition = s.partition
     where s.id <= m.segment_id or (m.parts > 0 and s.id = (select min(n.id) from window_segment n where n.partition = s.partition and n.id > m.segment_id))
     order by s.id`,
  );
}

/** How far each partition is merged. */
export async function readMerge(sql: Sql): Promise<MergePosition[]> {
  return sql.query<MergePosition>('select partition, segment_id, parts from window_merge');
}

/** Stores how far partitions are merged, and deletes rows of closed minutes: those that are merged and hold nothing at or
 *  after `firstOpen` (epoch milliseconds, null when no minute is open). */
export async function writeMerge(sql: Sql, positions: readonly MergePosition[], firstOpen: number | null): Promise<void> {
  if (positions.length > 0) {
    await sql.query(
      `insert into window_merge (partition, segment_id, parts) select * from unnest($1::int[], $2::bigint[], $3::int[])
       on conflict (partition) do update set segment_id = excluded.segment_id, parts = excluded.parts`,
      [positions.map((one) => one.partition), positions.map((one) => one.segment_id), positions.map((one) => one.parts)],
    );
  }
  await sql.query(
    `delete from window_segment s using window_merge m
     where m.partition = s.partition and s.id <= m.segment_id and ($1::bigint is null or s.last_minute < $1)`,
    [firstOpen],
  );
}

/** First offset of what is counted and not merged yet, by partition. */
export async function readUnmerged(sql: Sql): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ partition: number; first: number }>(
    `select s.partition, min(s.first_offset) as first from window_segment s left join window_merge m on m.partition = s.partition
     where s.id > coalesce(m.segment_id, -1) group by s.partition`,
  );
  return new Map(rows.map((row) => [row.partition, row.first]));
}
