import type { FailureReason } from '@transaction-guardian/contracts/health-reason.ts';
import type { Logger } from 'pino';
import type { Batch, Bus, SubscribeOptions, Subscription } from './bus.ts';
import { failureReason, GuardianError, isGuardianError } from '../errors.ts';
import { keepTrying } from '../retry.ts';
import type { StageHealth } from '../stage.ts';

export interface ConsumerOptions extends SubscribeOptions {
  /** Handles one batch, all or nothing. A throw closes the subscription: reading begins again at `position`. */
  readonly handle: (batch: Batch) => Promise<void>;
  /** Called when records are missing before or between those of a batch: a damaged block was passed over. True when they will come
   *  again: then the batch is not handled, and reading begins again at `position` after a wait. */
  readonly onGap?: (gap: Gap) => Promise<boolean>;
  /** Called whenever `afterMs` pass without a batch; a throw is that of a batch. */
  readonly idle?: { readonly afterMs: number; readonly handle: () => Promise<void> };
  /** About the first wait after a failure (default 200 ms), and the longest (default 30 times as long). */
  readonly retryMs?: number | undefined;
  readonly maxRetryMs?: number | undefined;
}

/** Records of a partition that could not be read: `to` is the first one that could. */
export interface Gap {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Reads a topic for one stage. */
export interface Consumer {
  /** Begins to read; resolves at once. */
  start(): void;
  /** Lets the batch in hand finish and stops reading. */
  stop(): Promise<void>;
  health(): StageHealth;
}

const QUIET_MS = 1000;

/** Creates a consumer that hands over batches one after the other, and that begins again after a failure at the position
 *  that the stage has committed, after a wait that grows. */
export function createConsumer(deps: { readonly bus: Bus; readonly log: Logger }, options: ConsumerOptions): Consumer {
  const { log } = deps;
  const { idle, retryMs = 200, maxRetryMs = 30 * retryMs } = options;
  const stopping = new AbortController();
  let subscription: Subscription | null = null;
  let running: Promise<void> | null = null;
  let failures = 0;
  let lastError: FailureReason | undefined;
  /** Offset of the next record, by partition. */
  const awaited = new Map<number, number>();

  const position: SubscribeOptions['position'] = async (partition, generation) => {
    const answer = await options.position(partition, generation);
    if (typeof answer === 'number') awaited.set(partition, answer);
    else awaited.delete(partition);
    return answer;
  };

  async function read(gotOn: () => void): Promise<void> {
    subscription = await deps.bus.subscribe({ ...options, position });
    try {
      while (!stopping.signal.aborted) {
        // After a failure, a while in which nothing comes shows that it is over.
        const timeoutMs = idle?.afterMs ?? (failures > 0 ? QUIET_MS : undefined);
        const batch = await subscription.next(timeoutMs === undefined ? {} : { timeoutMs });
        if (batch !== null) await handle(batch, subscription);
        else if (idle !== undefined) await idle.handle();
        else if (timeoutMs === undefined && !stopping.signal.aborted)
          throw new GuardianError('BUS_UNAVAILABLE', 'the subscription was closed', { retryable: true });
        failures = 0;
        gotOn();
      }
    } finally {
      await subscription.close();
    }
  }

  async function checkGaps(batch: Batch, onGap: (gap: Gap) => Promise<boolean>): Promise<void> {
    for (const gap of gapsOf(batch, awaited.get(batch.partition))) {
      if (!(await onGap(gap))) continue;
      const message = `Records ${gap.from} to ${gap.to - 1} of ${options.topic} cannot be read. They are published again.`;
      throw new GuardianError('BUS_UNAVAILABLE', message, { retryable: true, data: { topic: options.topic, ...gap } });
    }
    awaited.set(batch.partition, nextOffsetOf(batch));
  }

  async function handle(batch: Batch, from: Subscription): Promise<void> {
    const { onGap } = options;
    if (onGap !== undefined) await checkGaps(batch, onGap);
    try {
      await options.handle(batch);
    } catch (error) {
      // The partition went to another member of the group while this one worked: nothing has happened, and nothing is wrong.
      if (!isGuardianError(error, 'STORE_FENCED') || from.isCurrent(batch)) throw error;
      log.info({ topic: options.topic, partition: batch.partition }, 'partition reassigned: batch left to its new consumer');
    }
  }

  function onFailure(error: unknown, trouble: { readonly failures: number; readonly waitMs: number }): void {
    ({ failures } = trouble);
    lastError = failureReason(error);
    log.warn(
      { err: error, topic: options.topic, failures, wait_ms: trouble.waitMs },
      isGuardianError(error, 'STORE_FENCED')
        ? 'partition taken over by another worker: rejoining the group'
        : 'batch failed, retrying from the committed offset',
    );
  }

  return {
    start: () => {
      running ??= keepTrying(read, { signal: stopping.signal, retryMs, maxRetryMs, onFailure });
    },
    stop: async () => {
      stopping.abort();
      await subscription?.close();
      await running;
    },
    health: () => {
      if (failures === 0 || lastError === undefined) return { status: 'ok' };
      return { status: failures < 3 ? 'degraded' : 'down', reasons: [lastError] };
    },
  };
}

/** The offset behind a batch. */
export function nextOffsetOf({ records }: Batch): number {
  return (records.at(-1)?.offset ?? -1) + 1;
}

function gapsOf({ partition, records }: Batch, awaited: number | undefined): Gap[] {
  const gaps: Gap[] = [];
  let from = awaited ?? records[0]?.offset ?? 0;
  for (const { offset, since = offset } of records) {
    if (since > from) gaps.push({ partition, from, to: since });
    from = offset + 1;
  }
  return gaps;
}
