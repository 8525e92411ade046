import type { BusRecord } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { isGuardianError } from '../errors.ts';
import type { RawTransactions } from '../raw/raw-transactions.ts';
import type { Database, Sql } from '../store/database.ts';
import type { PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { readPartitionProgress } from '../store/verbs/window/window-segments.ts';
import { deadLetterRecord, countBatch, type Counted, type PartitionState } from './count-batch.ts';
import { createDecoder, type ForeignReader } from './decode.ts';
import type { SegmentRules } from './segment.ts';

/** Counts batches of the partitions of one worker into the database, one after the other. */
export interface Counter {
  /** Counts a batch in one transaction, all or nothing. Records that the database refuses are found by halving the batch,
   *  and is sent to the dead-letter topic. Throws STORE_FENCED, STORE_UNAVAILABLE; then nothing of the part that failed has
   *  happened and the batch can be given again. */
  count(claim: PartitionClaim, records: readonly BusRecord[]): Promise<void>;
  /** Forgets what is known of a partition: another worker may have counted it. */
  forget(partition: number): void;
}

export interface CounterDeps {
  readonly database: Database;
  readonly raw: RawTransactions;
  readonly clock: Clock;
  /** Reads what other programs write; without it, that is sent to the dead-letter topic. */
  readonly foreign?: ForeignReader | undefined;
  /** Called after each commit. `seconds`: length of the transaction. */
  readonly committed: (counted: Counted, seconds: number) => void;
}

/** Creates a counter. What is known of a partition is kept between its batches and read from the database after a failure. */
export function createCounter(deps: CounterDeps, rules: SegmentRules): Counter {
  const { database, raw, clock } = deps;
  const known = new Map<number, PartitionState>();
  const decode = createDecoder(deps.foreign);

  const commit = async (partition: number, work: (tx: Sql, state: PartitionState) => Promise<Counted>): Promise<void> => {
    const started = clock.monotonic();
    const before = known.get(partition);
    // Until the commit is certain, memory is ahead of the database: a failure must not leave it so.
    known.delete(partition);
    let used: PartitionState | undefined;
    const counted = await database.transaction(async (tx) => {
      used = before ?? { mark: (await readPartitionProgress(tx)).get(partition) ?? null };
      return work(tx, used);
    });
    if (used !== undefined) known.set(partition, used);
    deps.committed(counted, (clock.monotonic() - started) / 1000);
  };

  const count = async (claim: PartitionClaim, sources: readonly BusRecord[]): Promise<void> => {
    const [first] = sources;
    const last = sources.at(-1);
    if (first === undefined || last === undefined) return;
    const decoded = decode(sources, claim.partition);
    const batch = { claim, decoded, firstOffset: first.offset, nextOffset: last.offset + 1, nowMs: clock.now() };
    try {
      await commit(claim.partition, (tx, state) => countBatch(tx, state, { raw, rules }, batch));
    } catch (error) {
      if (!isDataFault(error)) throw error;
      if (sources.length === 1) return deadLetter(claim, last, reasonOf(error));
      const middle = Math.ceil(sources.length / 2);
      await count(claim, sources.slice(0, middle));
      await count(claim, sources.slice(middle));
    }
  };

  const deadLetter = (claim: PartitionClaim, record: BusRecord, reason: string): Promise<void> =>
    commit(claim.partition, async (tx) => {
      await deadLetterRecord(tx, raw, { claim, record, reason, nowMs: clock.now() });
      return { byStatus: new Map(), duplicates: 0, deadLetters: 1, stored: null };
    });

  return { count, forget: (partition) => void known.delete(partition) };
}

/** True for an error that the data caused (SQLSTATE classes 22 and 23), and not the program or the machine. */
function isDataFault(error: unknown): boolean {
  return isGuardianError(error, 'STORE_REFUSED') && /^2[23]/.test(String(error.data['sqlState']));
}

function reasonOf(error: unknown): string {
  if (!isGuardianError(error)) return '(body): the database refused it';
  const { sqlState, constraint, column } = error.data;
  const where = typeof column === 'string' ? column : '(body)';
  const rule = typeof constraint === 'string' ? `, ${constraint}` : '';
  return `${where}: the database refused it (SQLSTATE ${String(sqlState)}${rule})`;
}
