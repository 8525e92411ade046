import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../../../bus/bus.ts';
import type { Sql } from '../../database.ts';
import { extentOf, noteExtents } from './note-extent.ts';

/** The log of one topic as it is now. `id`: what it was made with. */
export interface LogOfTopic {
  readonly topic: Topic;
  readonly id: string;
  readonly ranges: readonly PartitionRange[];
  /** Whether every record from an offset of partition 0 on can be read (default: yes). */
  readonly isReadable?: (from: number) => Promise<boolean>;
}

/** A topic whose log is not the one that was read. `shorter`: the same one, as it was earlier; `damaged`: the same one, and
 *  records that a stage needs cannot be read. `again`: messages that the outbox publishes again. `lost`: records that nobody
 *  can rebuild, at least; null where the database cannot tell. */
export interface ReplacedLog {
  readonly topic: Topic;
  readonly why: 'replaced' | 'shorter' | 'damaged';
  readonly again: number;
  readonly lost: number | null;
}

interface Known {
  readonly id: string;
  readonly kept: number;
  readonly next: number;
}

/** Compares each log with the positions that were committed in it. A log that is another one, or ends before a position, is
 *  read again from its start, since the offsets no longer mean the same records: ids make a repeat harmless. What a stage had
 *  not read leaves the outbox again. Call it before anything reads, while nobody else has the database open. Returns the
 *  topics that have lost something. */
export async function checkLog(tx: Sql, logs: readonly LogOfTopic[]): Promise<readonly ReplacedLog[]> {
  // Nobody is left from before; the numbers of the assignments may begin again with a log that was replaced.
  await tx.query(`update consumer_offset set generation = 0, owner = ''`);
  await tx.query(`update window_closer set generation = 0, owner = ''`);
  const replaced: ReplacedLog[] = [];
  for (const log of logs) {
    const [known] = await tx.query<Known>('select id, kept, next from log_identity where topic = $1', [log.topic]);
    const found = known === undefined ? undefined : await compare(tx, log, known);
    if (found !== undefined) replaced.push(found);
    await tx.query('insert into log_identity (topic, id) values ($1, $2) on conflict (topic) do update set id = excluded.id', [
      log.topic,
      log.id,
    ]);
  }
  await noteExtents(
    tx,
    logs.map(({ topic, ranges }) => extentOf(topic, ranges)),
  );
  return replaced;
}

async function compare(tx: Sql, log: LogOfTopic, known: Known): Promise<ReplacedLog | undefined> {
  const { topic } = log;
  const { next } = extentOf(topic, log.ranges);
  const isOther = known.id !== log.id;
  if (isOther || (await isShorter(tx, log))) {
    const lost = await lostOf(tx, log, known, isOther);
    await startAt(tx, topic, 0);
    return { topic, why: isOther ? 'replaced' : 'shorter', again: await sendAgain(tx, topic, 0), lost };
  }
  if (known.next > next)
    return { topic, why: 'shorter', again: await sendAgain(tx, topic, next), lost: await lostOf(tx, log, known, false) };
  const [kept] = await tx.query<{ first: number | null }>('select min(published_offset) as first from outbox where topic = $1', [topic]);
  if (typeof kept?.first !== 'number' || log.isReadable === undefined || (await log.isReadable(kept.first))) return undefined;
  // The order counts: all that is needed comes again, behind what cannot be read.
  await startAt(tx, topic, next);
  return { topic, why: 'damaged', again: await sendAgain(tx, topic, 0), lost: 0 };
}

async function isShorter(tx: Sql, { topic, ranges }: LogOfTopic): Promise<boolean> {
  const rows = await tx.query<{ partition: number; next_offset: number }>(
    `select partition, next_offset from consumer_offset where topic = $1 and next_offset > 0
     union all select 0, next_offset from detector_snapshot where $1 = 'guardian.windows'`,
    [topic],
  );
  return rows.some((row) => row.next_offset > (ranges.find(({ partition }) => partition === row.partition)?.next ?? 0));
}

/** Lets the stages, and the stored state of the detector, go on at an offset; earlier records of the log stay for a detector
 *  that rebuilds its state, unless it begins at 0. */
export async function startAt(tx: Sql, topic: Topic, offset: number): Promise<void> {
  await tx.query('update consumer_offset set next_offset = $2, origin = least(origin, $2) where topic = $1', [topic, offset]);
  if (topic === TOPICS.windows) await tx.query('update detector_snapshot set next_offset = $1', [offset]);
}

/** Puts the published messages from `offset` on in line again. Returns how many. */
export async function sendAgain(tx: Sql, topic: Topic, offset: number): Promise<number> {
  const rows = await tx.query('update outbox set published_offset = null where topic = $1 and published_offset >= $2 returning 1', [
    topic,
    offset,
  ]);
  return rows.length;
}

/** Transactions that were not counted, and dead letters, are nowhere else. */
async function lostOf(tx: Sql, { topic, ranges }: LogOfTopic, known: Known, isOther: boolean): Promise<number | null> {
  const now = extentOf(topic, ranges);
  if (topic === TOPICS.dead) return isOther ? known.kept : Math.max(0, known.next - now.next);
  if (topic !== TOPICS.transactions) return 0;
  // A repair has saved what could be read, and named the rest.
  if (isOther && now.kept > 0) return null;
  const [counted] = await tx.query<{ next: number }>(
    'select coalesce(sum(next_offset), 0)::bigint as next from consumer_offset where topic = $1 and next_offset > 0',
    [topic],
  );
  // What came after the last note is not known of: none is never sure.
  const missed = known.next - Math.max(isOther ? 0 : now.next, counted?.next ?? 0);
  return missed > 0 ? missed : null;
}
