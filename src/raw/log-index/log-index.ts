import type { InboundRecord, TransactionRecord } from '@transaction-guardian/contracts/transaction.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { BusRecord } from '../../bus/bus.ts';
import type { Clock } from '../../clock.ts';
import type { Sql } from '../../store/database.ts';
import type { Admitted, RawBatch, RawTransactions } from '../raw-transactions.ts';
import { contentOf, createEntry, MAX_OFFSET, offsetAt, partitionAt, STATE, stateAt, writeContent, writeKey, writePlace } from './entry.ts';
import { findById } from './find-transaction.ts';
import type { Horizon, IdIndex } from './id-index.ts';
import type { IndexedLog } from './indexed-log.ts';
import { createIndexWriter, type IndexWriter } from './index-writer.ts';
import { createJudge, type JudgePlace } from './judge.ts';
import type { Facts } from './run-file.ts';

export interface LogIndexDeps {
  readonly index: IdIndex;
  readonly log: IndexedLog;
  /** Has the rows of an earlier version until they expire. */
  readonly database: Sql;
  readonly clock: Clock;
  /** Called when the file is damaged: it must be opened again. */
  readonly onDamage: () => void;
  /** How long an id is known whose record is on no log. */
  readonly rawRetentionDays: number;
}

/** Adds to the index what was counted without it. */
export interface CatchUp {
  /** A record of the log that was counted. */
  take(partition: number, record: Pick<TransactionRecord, 'id' | 'content_hash'>, offset: number): void;
  /** An id that was counted and is on no log. `minute`: since the epoch, from when it ages. */
  takeDetached(id: string, contentHash: string, minute: number): void;
  /** A partition is caught up to here. */
  reached(partition: number, nextOffset: number): void;
  /** Makes all of it durable, with these facts. */
  finish(facts: Facts): void;
}

/** The index as its opening needs it beside the port. */
export interface LogIndex extends RawTransactions {
  beginCatchUp(): Promise<CatchUp>;
}

/** Entries merged for each record that is admitted: what eight runs of each size cost, and some more. */
const MERGED_PER_RECORD = 5;
const MERGED_PER_BATCH = 2000;
const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;

/** Keeps raw transactions as an index from id to the first place in the log that has it. `positions`: offsets up to which the index is
 *  durable. */
export function createLogIndex(deps: LogIndexDeps, positions: Map<number, number>): LogIndex {
  const { index, log, clock } = deps;
  const writer = createIndexWriter(index, positions, deps.onDamage);
  const { attempt } = writer;
  const judge = createJudge(index, writer);

  async function horizonNow(): Promise<Horizon> {
    const ranges = await log.ranges(TOPICS.transactions);
    const detachedFrom = Math.floor(clock.now() / MINUTE_MS) - deps.rawRetentionDays * DAY_MINUTES;
    return { earliest: new Map(ranges.map(({ partition, earliest }) => [partition, earliest])), detachedFrom };
  }

  return {
    async admit(_tx, batch) {
      const horizon = await horizonNow();
      // From here to the end nothing else runs: two workers cannot both find an id new.
      return attempt(() => {
        const admitted = judgeAll(judge, batch, horizon);
        writer.reached(batch.partition, (batch.sources.at(-1)?.offset ?? -1) + 1);
        index.tend(MERGED_PER_BATCH + batch.records.length * MERGED_PER_RECORD, horizon);
        return admitted;
      });
    },
    async giveUp(_tx, partition, source) {
      attempt(() => forget(index, writer, { partition, source }));
    },
    find: async (id) => findById(deps, id, await horizonNow()),
    async known(ids) {
      const horizon = await horizonNow();
      return attempt(() => contentsOf(index, ids, horizon));
    },
    async beginCatchUp() {
      return createCatchUp(index, writer, await horizonNow());
    },
    async close() {
      attempt(() => writer.flush());
      index.close();
    },
  };
}

function judgeAll(judge: JudgePlace, { partition, records, sources }: RawBatch, horizon: Horizon): Admitted {
  const kept: InboundRecord[] = [];
  const conflicts: BusRecord[] = [];
  let duplicates = 0;
  const place = { partition, offset: 0 };
  for (const [at, record] of records.entries()) {
    const source = sources[at];
    if (source === undefined) continue;
    place.offset = checked(source.offset);
    const verdict = record.kind === 'heartbeat' ? 'new' : judge(record, place, horizon);
    if (verdict === 'new') kept.push(record);
    else if (verdict === 'duplicate') duplicates += 1;
    else conflicts.push(source);
  }
  return { records: kept.length === records.length ? records : kept, duplicates, conflicts };
}

function forget(
  index: IdIndex,
  writer: IndexWriter,
  { partition, source }: { readonly partition: number; readonly source: BusRecord },
): void {
  const record = JSON.parse(Buffer.from(source.value).toString()) as InboundRecord;
  if (record.kind !== 'transaction') return;
  const entry = createEntry();
  writeKey(entry, record.id);
  const { offset } = source;
  if (!index.findAny(entry, entry) || partitionAt(entry) !== partition || offsetAt(entry) !== offset) return;
  if (stateAt(entry) !== STATE.first) return;
  writePlace(entry, { partition, offset, state: STATE.forgotten });
  writer.put(entry);
  writer.save();
}

function contentsOf(index: IdIndex, ids: readonly string[], horizon: Horizon): Map<string, string> {
  const found = new Map<string, string>();
  const entry = createEntry();
  for (const id of ids) {
    writeKey(entry, id);
    if (index.find(entry, horizon, entry) && stateAt(entry) !== STATE.forgotten) found.set(id, contentOf(entry));
  }
  return found;
}

function createCatchUp(index: IdIndex, writer: IndexWriter, horizon: Horizon): CatchUp {
  const { attempt } = writer;
  const asked = createEntry();
  const known = createEntry();
  return {
    take: (partition, { id, content_hash: content }, offset) =>
      attempt(() => {
        writeKey(asked, id);
        const isKnown = index.find(asked, horizon, known);
        if (isKnown && stateAt(known) !== STATE.detached) return;
        writeContent(asked, content);
        writePlace(asked, { partition, offset: checked(offset), state: isKnown ? STATE.repeat : STATE.first });
        writer.put(asked);
      }),
    takeDetached: (id, content, minute) =>
      attempt(() => {
        writeKey(asked, id);
        if (index.find(asked, horizon, known)) return;
        writeContent(asked, content);
        writePlace(asked, { partition: 0, offset: minute, state: STATE.detached });
        writer.put(asked);
      }),
    reached: (partition, nextOffset) => attempt(() => writer.reached(partition, nextOffset)),
    finish: (facts) => attempt(() => writer.flush(facts)),
  };
}

function checked(offset: number): number {
  if (offset > MAX_OFFSET) throw new RangeError(`offset ${offset} is beyond what the index holds`);
  return offset;
}
