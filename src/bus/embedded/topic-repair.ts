import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { GuardianError, messageOf } from '../../errors.ts';
import { generationsPath, GROUPS } from './generations.ts';
import { decodeBlock } from './block.ts';
import { createAppender } from './append.ts';
import { openSqlite, openTopicFile, topicPath } from './topic-file.ts';
import { isDamage } from '../../sqlite/sqlite-error.ts';

/** A file of the log that cannot be used, and where it was put. That of the generations of consumer groups is rebuilt: they
 *  only have to grow while the database knows who read before, which it forgets at a start. */
export interface QuarantinedFile {
  readonly topic: Topic | typeof GROUPS;
  readonly reason: string;
  readonly aside: string;
}

/** What a repair of a topic saved. `lost`: ranges of offsets by partition that could not be read; `isUnreadable`: the file as
 *  a whole could not, so that nobody knows what it held. */
export interface Repair extends QuarantinedFile {
  readonly records: number;
  readonly lost: readonly { readonly partition: number; readonly from: number; readonly to: number }[];
  readonly isUnreadable: boolean;
}

/** Looks whether the files can be read: partitions and the index of all blocks, not the records. Files of derived topics
 *  that cannot are quarantined, so that new ones take their place. Throws APP_DATA_DIR for the transactions, which nothing
 *  can rebuild. Call it before the log is opened, by whoever has the data directory. */
export function quarantineDamaged(dir: string, nowMs: number): readonly QuarantinedFile[] {
  return FILES.flatMap((topic) => {
    const reason = damageOf(dir, topic);
    if (reason === undefined) return [];
    if (topic === TOPICS.transactions) {
      const message = `The log of transactions ${topicPath(dir, topic)} is damaged (${reason}). Run: guardian repair. It keeps the file, saves every block that can be read, and names what is lost.`;
      throw new GuardianError('APP_DATA_DIR', message, { data: { topic }, rule: 'log_damaged', params: { path: topicPath(dir, topic) } });
    }
    return [{ topic, reason, aside: quarantine(pathOf(dir, topic), nowMs) }];
  });
}

/** Puts every damaged file aside and makes it again; of the transactions from the blocks that can be read. The new file is
 *  another log, with offsets of its own: readers begin at its start. */
export function repairTopics(dir: string, nowMs: number): readonly Repair[] {
  return FILES.flatMap((topic): readonly Repair[] => {
    const reason = damageOf(dir, topic);
    if (reason === undefined) return [];
    const aside = quarantine(pathOf(dir, topic), nowMs);
    if (topic === GROUPS) return [{ topic, reason, aside, records: 0, lost: [], isUnreadable: false }];
    return [{ topic, reason, aside, ...salvage(dir, topic, aside) }];
  });
}

type LogFile = QuarantinedFile['topic'];

const FILES: readonly LogFile[] = [...Object.values(TOPICS), GROUPS];

function pathOf(dir: string, file: LogFile): string {
  return file === GROUPS ? generationsPath(dir) : topicPath(dir, file);
}

function damageOf(dir: string, file: LogFile): string | undefined {
  const path = pathOf(dir, file);
  if (!existsSync(path)) return undefined;
  let db: DatabaseSync | undefined;
  try {
    db = file === GROUPS ? openSqlite(path, (groups) => void groups.prepare('SELECT * FROM groups').all()) : openSoundTopic(dir, file);
    return undefined;
  } catch (error) {
    const cause: unknown = error instanceof GuardianError ? error.cause : error;
    const reason = messageOf(cause ?? error);
    if (/malformed|not a database|disk image|no such (?:table|index|column)/i.test(reason)) return reason;
    throw error;
  } finally {
    if (db?.isOpen === true) db.close();
  }
}

function openSoundTopic(dir: string, topic: Topic): DatabaseSync {
  const db = openTopicFile({ dir, topic, partitions: 1 });
  try {
    db.prepare('SELECT * FROM partitions').all();
    db.prepare('SELECT count(*), max(first_offset) FROM blocks INDEXED BY blocks_by_offset').get();
    db.prepare('SELECT max(id) FROM blocks').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function quarantine(path: string, nowMs: number): string {
  const aside = `${path}.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const part of ['', '-wal', '-shm']) if (existsSync(path + part)) renameSync(path + part, aside + part);
  return aside;
}

function salvage(dir: string, topic: Topic, aside: string): Pick<Repair, 'records' | 'lost' | 'isUnreadable'> {
  const fresh = openTopicFile({ dir, topic, partitions: 1 });
  const old = new DatabaseSync(aside);
  const lost: { partition: number; from: number; to: number }[] = [];
  let records = 0;
  let isUnreadable = false;
  try {
    const appender = createAppender(fresh);
    const ends = new Map<number, number>();
    for (const id of idsOf(old)) {
      const block = readBlock(old, id);
      if (block === undefined) continue;
      const from = ends.get(block.partition) ?? block.firstOffset;
      if (block.firstOffset > from) lost.push({ partition: block.partition, from, to: block.firstOffset });
      ends.set(block.partition, block.firstOffset + block.count);
      appender.append([{ topic, publishedAt: block.publishedAt, blocks: [{ ...block, bytes: block.data }] }]);
      records += block.count;
    }
    for (const row of old.prepare('SELECT partition, next_offset FROM partitions').all()) {
      const partition = Number(row['partition']);
      const [from, to] = [ends.get(partition) ?? 0, Number(row['next_offset'])];
      if (to > from) lost.push({ partition, from, to });
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    isUnreadable = true;
  } finally {
    old.close();
    fresh.close();
  }
  return { records, lost, isUnreadable };
}

/** Every id that a block may have: they are given out in order. Throws what SQLite throws when not even the last is known. */
function* idsOf(db: DatabaseSync): Generator<number> {
  const last = Number(db.prepare('SELECT max(id) AS id FROM blocks').get()?.['id'] ?? 0);
  for (let id = 1; id <= last; id += 1) yield id;
}

function readBlock(db: DatabaseSync, id: number) {
  try {
    const row = db.prepare('SELECT partition, first_offset, count, published_at, data FROM blocks NOT INDEXED WHERE id = ?').get(id);
    if (row === undefined || !(row['data'] instanceof Uint8Array)) return undefined;
    const block = {
      partition: Number(row['partition']),
      firstOffset: Number(row['first_offset']),
      count: Number(row['count']),
      publishedAt: Number(row['published_at']),
      data: Uint8Array.from(row['data']),
    };
    decodeBlock(block.data, block);
    return block;
  } catch {
    return undefined;
  }
}
