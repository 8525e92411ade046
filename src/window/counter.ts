import type { BusRecord } from '../bus/bus.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import { isGuardianError } from '../errors.ts';
import type { Database, Sql } from '../store/database.ts';
import type { PartitionClaim } from '../store/verbs/claim-partition.ts';
import { lockWindowState } from '../store/verbs/window-state.ts';
import { buryRecord, countBatch, countTime, type Counted } from './count-batch.ts';
import { decodeBatch, type Decoded } from './decode.ts';
import { loadState, type CountingState } from './load-state.ts';
import { isLiveAt, liveWaitMs, type StreamRules } from './stream.ts';

/** Counts batches into the database, one after the other. */
export interface Counter {
  /** Counts a batch in one transaction, all or nothing. Records that the database refuses are found by halving the batch,
   *  and go to the dead letters. Throws STORE_FENCED, STORE_UNAVAILABLE; then nothing of the part that failed has
   *  happened and the batch can be given again. */
  count(claim: PartitionClaim, records: readonly BusRecord[]): Promise<void>;
  /** Lets our clock close minutes; does nothing when none is due. Call it only when no accepted record waits. */
  tick(nowMs: number): Promise<void>;
  /** True when `tick` has something to do. Does not ask the database once the state is known. */
  isDue(nowMs: number): boolean;
  /** Forgets what is known of the database: another worker may have written. */
  forget(): void;
  /** Event time up to which minutes are closed, epoch milliseconds; null while unknown. */
  watermark(): number | null;
}

export interface CounterDeps {
  readonly database: Database;
  readonly clock: Clock;
  /** Told the event time of the newest live record of a batch. True when time has passed in which nobody listened. */
  readonly hear?: (eventAt: number) => boolean;
  /** True once after a time in which the program did not run. */
  readonly hasPaused?: (() => boolean) | undefined;
  /** Told after each commit. `seconds`: length of the transaction. */
  readonly committed: (counted: Counted, seconds: number) => void;
}

const NOTHING: Counted = { byStatus: new Map(), duplicates: 0, lateRecords: 0, deadLetters: 0, closed: [], messages: 0 };

/** Creates a counter. The stream's state is kept between batches and read from the database after every failure. */
export function createCounter(deps: CounterDeps, rules: StreamRules): Counter {
  const { database, clock } = deps;
  let known: CountingState | null = null;
  /** Nobody has listened while the program did not run. */
  let isAbsent = true;

  const commit = async (work: (tx: Sql, state: CountingState) => Promise<Counted>): Promise<void> => {
    const started = clock.monotonic();
    const state = known;
    // Until the commit is certain, memory is ahead of the database: a failure must not leave it so.
    known = null;
    let used: CountingState | undefined;
    const counted = await database.transaction(async (tx) => {
      // Another worker of the group may have counted in between.
      const isOurs = state !== null && (await lockWindowState(tx)) === state.version;
      used = isOurs ? state : await loadState(tx);
      used.stream.isAbsent ||= isAbsent;
      return work(tx, used);
    });
    known = used ?? null;
    isAbsent = used?.stream.isAbsent ?? isAbsent;
    deps.committed(counted, (clock.monotonic() - started) / 1000);
  };

  const count = async (claim: PartitionClaim, sources: readonly BusRecord[]): Promise<void> => {
    const last = sources.at(-1);
    if (last === undefined) return;
    const nowMs = clock.now();
    const decoded: Decoded = decodeBatch(sources);
    if (deps.hasPaused?.() === true) isAbsent = true;
    const newest = newestLive(decoded);
    if (newest !== undefined && deps.hear?.(newest) === true) isAbsent = true;
    try {
      await commit((tx, state) => countBatch(tx, state, rules, { claim, decoded, nextOffset: last.offset + 1, nowMs }));
    } catch (error) {
      if (!isDataFault(error)) throw error;
      if (sources.length === 1) return bury(claim, last, reasonOf(error));
      const middle = Math.ceil(sources.length / 2);
      await count(claim, sources.slice(0, middle));
      await count(claim, sources.slice(middle));
    }
  };

  const bury = (claim: PartitionClaim, record: BusRecord, reason: string): Promise<void> =>
    commit(async (tx) => {
      await buryRecord(tx, { claim, record, reason, nowMs: clock.now() });
      return { ...NOTHING, deadLetters: 1, messages: 1 };
    });

  const isDue = (nowMs: number): boolean => {
    if (known === null) return true;
    const { stream } = known;
    const isNext =
      stream.watermark === null || Math.floor((nowMs - liveWaitMs(stream, rules)) / MINUTE_MS) > Math.floor(stream.watermark / MINUTE_MS);
    return isLiveAt(stream, rules, nowMs) ? isNext : stream.isLive;
  };

  return {
    count,
    isDue,
    tick: async (nowMs) => {
      if (deps.hasPaused?.() === true) {
        isAbsent = true;
        // `nowMs` may have been read before the pause.
        return;
      }
      return isDue(nowMs) ? commit((tx, state) => countTime(tx, state, rules, nowMs)) : undefined;
    },
    forget: () => {
      known = null;
    },
    watermark: () => known?.stream.watermark ?? null,
  };
}

function newestLive({ records }: Decoded): number | undefined {
  let newest: number | undefined;
  for (const { occurred_at, backfill } of records)
    if (!backfill && occurred_at > (newest ?? Number.NEGATIVE_INFINITY)) newest = occurred_at;
  return newest;
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
