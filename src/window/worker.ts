import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus, PartitionRange } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { createConsumer } from '../bus/consume.ts';
import { GuardianError } from '../errors.ts';
import type { RawTransactions } from '../raw/raw-transactions.ts';
import type { Stage, StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { claimPartition, type PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { readUnmerged } from '../store/verbs/window/window-segments.ts';
import { createCloser } from './close.ts';
import { createCounter } from './counter.ts';
import type { ForeignReader } from './decode.ts';
import { createWindowMetrics } from './metrics.ts';
import { createRecentSegments } from './recent-segments.ts';
import { createSteadyClock } from './steady-clock.ts';
import type { StreamRules } from './stream.ts';

/** The consumer group that counts transactions. */
export const WINDOW_GROUP = 'guardian-window';
/** Whoever reads this partition closes the minutes of all. */
const CLOSING_PARTITION = 0;
const DRAIN_POLL_MS = 10;
/** A backlog is counted in large transactions: a cell of a minute is written once for all of its records in one. */
const MAX_RECORDS = 20_000;

export interface WindowWorkerDeps {
  readonly bus: Bus;
  readonly database: Database;
  readonly raw: RawTransactions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Called after a commit that put messages into the outbox. */
  readonly wakeRelay?: () => void;
  /** Reads what other programs write; without it, that is sent to the dead-letter topic. */
  readonly foreign?: ForeignReader | undefined;
  /** True once after a time in which the program did not run, as under SIGSTOP; without it, it is taken to run always. */
  readonly hasPaused?: (() => boolean) | undefined;
  /** Since when accepted records are held that are not on the log yet, epoch milliseconds; without it none ever are. */
  readonly heldSince?: (() => Promise<number | null>) | undefined;
}

export interface WindowWorkerOptions {
  /** Id of this run of the program, for fencing. */
  readonly owner: string;
  readonly lateMs: number;
  /** Live minutes wait only as long as records usually need (default false). */
  readonly closesEarly?: boolean;
  readonly maxGapMinutes: number;
  readonly liveWithinMs: number;
  /** Records in a transaction (default 20 000). */
  readonly maxRecords?: number;
  /** How often the wall clock is looked at while nothing comes (default 500 ms). */
  readonly tickMs?: number;
  /** First and longest wait after a failure (defaults 100 and 10 000 ms). */
  readonly retryMs?: number;
  readonly maxRetryMs?: number;
}

/** The worker role. */
export interface WindowWorker extends Stage {
  /** Resolves when every record that was accepted before the call is counted and merged. Rejects with BUS_CLOSED when the worker stops
   *  before that. */
  drained(): Promise<void>;
}

/** Creates the stage that counts `guardian.transactions` into minutes. Each batch is one transaction with its offset, so that a
 *  crash anywhere repeats it or has it done. Of the workers of a group, the reader of partition 0 also merges what all of them
 *  count and closes minutes; windows leave through the outbox. A failure of bus or database makes a worker begin again at the
 *  committed offset after a wait that grows. */
export function createWindowWorker(deps: WindowWorkerDeps, options: WindowWorkerOptions): WindowWorker {
  const { bus, database, clock, log } = deps;
  const claims = new Map<number, PartitionClaim>();
  const rules: StreamRules = { closesEarly: false, ...options };
  const steady = createSteadyClock({ clock, log }, options.liveWithinMs);
  const ranges = () => bus.ranges(TOPICS.transactions);
  const lag = () => uncounted(bus, database);
  const recent = createRecentSegments();
  let isStopped = false;
  const counter = createCounter(
    {
      ...{ database, clock, raw: deps.raw, foreign: deps.foreign },
      committed(counted, seconds) {
        metrics.counted(counted, seconds);
        if (counted.stored !== null) recent.keep(counted.stored.id, counted.stored.segments);
        if (counted.deadLetters > 0) deps.wakeRelay?.();
      },
    },
    rules,
  );
  const closer = createCloser(
    {
      ...{ database, clock, ranges, recent, group: WINDOW_GROUP, hear: steady.hear, hasPaused: deps.hasPaused, heldSince: deps.heldSince },
      committed(closed) {
        metrics.closed(closed);
        if (closed.messages > 0) deps.wakeRelay?.();
      },
    },
    rules,
  );
  const readings = { group: WINDOW_GROUP, lag: () => lag().catch(() => undefined), watermark: closer.watermark };
  const metrics = createWindowMetrics(deps.metrics, readings);

  async function begin(partition: number, generation: number): Promise<number | 'earliest'> {
    const taken: PartitionClaim = { group: WINDOW_GROUP, topic: TOPICS.transactions, partition, generation, owner: options.owner };
    const offset = await claimPartition(database, taken);
    if (partition === CLOSING_PARTITION) await closer.claim(taken);
    counter.forget(partition);
    claims.set(partition, taken);
    return offset ?? 'earliest';
  }

  async function handle(batch: Batch): Promise<void> {
    const taken = claims.get(batch.partition);
    if (taken === undefined || taken.generation !== batch.generation)
      throw new GuardianError('BUS_FENCED', 'A batch came for a partition that was not claimed.', { retryable: true });
    await counter.count(taken, batch.records);
    await closer.merge();
  }

  async function drained(): Promise<void> {
    const ends = await ranges();
    while (!(await isMerged(database, ends))) {
      if (isStopped) throw new GuardianError('BUS_CLOSED', 'Counting stopped before everything was counted.');
      await delay(DRAIN_POLL_MS);
    }
  }

  const consumer = createConsumer(
    { bus, log },
    {
      ...{ topic: TOPICS.transactions, group: WINDOW_GROUP, position: begin, handle },
      maxRecords: options.maxRecords ?? MAX_RECORDS,
      ...{ idle: { afterMs: options.tickMs ?? 500, handle: () => closer.tick(steady.now()) } },
      ...{ retryMs: options.retryMs ?? 100, maxRetryMs: options.maxRetryMs ?? 10_000 },
    },
  );

  return {
    name: 'window',
    start: async () => consumer.start(),
    stop: async () => {
      await consumer.stop();
      isStopped = true;
    },
    health: () => atMostDegraded(consumer.health()),
    drained,
  };
}

/** True when everything before these ends is counted, and merged. */
async function isMerged(database: Database, ends: readonly PartitionRange[]): Promise<boolean> {
  const offsets = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
  if (ends.some(({ partition, earliest, next }) => next > earliest && (offsets.get(partition) ?? 0) < next)) return false;
  const unmerged = await readUnmerged(database);
  return ends.every(({ partition, next }) => (unmerged.get(partition) ?? next) >= next);
}

/** Accepted records that are not counted yet. */
async function uncounted(bus: Bus, database: Database): Promise<number> {
  const offsets = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
  return (await bus.ranges(TOPICS.transactions)).reduce(
    (sum, { partition, earliest, next }) => sum + next - Math.max(offsets.get(partition) ?? earliest, earliest),
    0,
  );
}

/** Records are accepted all the same while counting fails. */
function atMostDegraded(health: StageHealth): StageHealth {
  return health.status === 'down' ? { ...health, status: 'degraded' } : health;
}
