import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { createConsumer, nextOffsetOf } from '../consume.ts';
import { GuardianError } from '../errors.ts';
import type { Stage, StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { claimPartition, type PartitionClaim } from '../store/verbs/claim-partition.ts';
import { readOffsets } from '../store/verbs/read-offset.ts';
import type { Counted } from './count-batch.ts';
import { createCounter } from './counter.ts';
import { createWindowMetrics } from './metrics.ts';
import { createProgress } from './progress.ts';
import { createSteadyClock } from './steady-clock.ts';

/** The consumer group that counts transactions. */
export const WINDOW_GROUP = 'guardian-window';

export interface WindowWorkerDeps {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Called after a commit that put messages into the outbox. */
  readonly wakeRelay?: () => void;
  /** True once after a time in which the program did not run, as under SIGSTOP; without it, it is taken to run always. */
  readonly hasPaused?: (() => boolean) | undefined;
}

export interface WindowWorkerOptions {
  /** Id of this run of the program, for fencing. */
  readonly owner: string;
  readonly lateMs: number;
  /** Live minutes wait only as long as records usually need (default false). */
  readonly closesEarly?: boolean;
  readonly maxGapMinutes: number;
  readonly liveWithinMs: number;
  /** Records in a transaction (default 5 000). */
  readonly maxRecords?: number;
  /** How often our clock is looked at while nothing comes (default 500 ms). */
  readonly tickMs?: number;
  /** First and longest wait after a failure (defaults 100 and 10 000 ms). */
  readonly retryMs?: number;
  readonly maxRetryMs?: number;
}

/** The worker role. */
export interface WindowWorker extends Stage {
  /** Resolves when every record that was accepted before the call is counted. Rejects with BUS_CLOSED when the worker stops
   *  before that. */
  drained(): Promise<void>;
}

/** Creates the stage that counts `guardian.transactions` into minutes. Each batch is one transaction with its offset, so that a
 *  crash anywhere repeats it or has it done; windows leave through the outbox. A failure of bus or database makes it
 *  begin again at the committed offset after a wait that grows. */
export function createWindowWorker(deps: WindowWorkerDeps, options: WindowWorkerOptions): WindowWorker {
  const { bus, database, clock, log } = deps;
  const progress = createProgress();
  const claims = new Map<number, PartitionClaim>();
  const steady = createSteadyClock({ clock, log }, options.liveWithinMs);
  const committed = (counted: Counted, seconds: number): void => {
    metrics.committed(counted, seconds);
    if (counted.messages > 0) deps.wakeRelay?.();
  };
  const counter = createCounter(
    { database, clock, hear: steady.hear, hasPaused: deps.hasPaused, committed },
    { closesEarly: false, ...options },
  );
  const lag = () => uncounted(bus, database);
  const readings = { group: WINDOW_GROUP, lag: () => lag().catch(() => undefined), watermark: counter.watermark };
  const metrics = createWindowMetrics(deps.metrics, readings);

  async function begin(partition: number, generation: number): Promise<number | 'earliest'> {
    const taken: PartitionClaim = { group: WINDOW_GROUP, topic: TOPICS.transactions, partition, generation, owner: options.owner };
    const offset = await claimPartition(database, taken);
    counter.forget();
    claims.set(partition, taken);
    if (offset !== null) progress.reached(partition, offset);
    return offset ?? 'earliest';
  }

  async function handle(batch: Batch): Promise<void> {
    const taken = claims.get(batch.partition);
    if (taken === undefined || taken.generation !== batch.generation)
      throw new GuardianError('BUS_FENCED', 'A batch came for a partition that was not claimed.', { retryable: true });
    await counter.count(taken, batch.records);
    progress.reached(batch.partition, nextOffsetOf(batch));
  }

  async function whenIdle(): Promise<void> {
    // Silence may close minutes only when every accepted record has been counted.
    const now = steady.now();
    if (counter.isDue(now) && (await lag()) === 0) await counter.tick(now);
  }

  const consumer = createConsumer(
    { bus, log },
    {
      ...{ topic: TOPICS.transactions, group: WINDOW_GROUP, position: begin, handle },
      ...(options.maxRecords === undefined ? {} : { maxRecords: options.maxRecords }),
      ...{ idle: { afterMs: options.tickMs ?? 500, handle: whenIdle } },
      ...{ retryMs: options.retryMs ?? 100, maxRetryMs: options.maxRetryMs ?? 10_000 },
    },
  );

  return {
    name: 'window',
    start: async () => consumer.start(),
    stop: async () => {
      await consumer.stop();
      progress.end();
    },
    health: () => atMostDegraded(consumer.health()),
    drained: async () => progress.all(await bus.ranges(TOPICS.transactions)),
  };
}

/** Accepted records that are not counted yet. */
async function uncounted(bus: Bus, database: Database): Promise<number> {
  const offsets = await readOffsets(database, { group: WINDOW_GROUP, topic: TOPICS.transactions });
  return (await bus.ranges(TOPICS.transactions)).reduce(
    (sum, { partition, earliest, next }) => sum + next - Math.max(offsets.get(partition) ?? earliest, earliest),
    0,
  );
}

/** Records are accepted all the same while counting is in trouble. */
function atMostDegraded(health: StageHealth): StageHealth {
  return health.status === 'down' ? { ...health, status: 'degraded' } : health;
}
