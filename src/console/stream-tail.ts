import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Bus, BusRecord } from '../bus/bus.ts';
import { isGuardianError } from '../errors.ts';

const RETRY_MS = 1000;

export interface TailOptions {
  readonly topic: Topic;
  readonly group: string;
  /** How many of the newest records are read first. */
  readonly history: number;
  /** Called once, before the first record, with its offset. */
  readonly onBegin: (offset: number) => void;
  readonly onRecord: (record: BusRecord) => void;
}

/** Follows partition 0 of a topic: its newest records, then everything new, in order. */
export interface Tail {
  /** Ends the subscription; resolves when nothing is called any more. */
  stop(): Promise<void>;
}

/** Begins a tail; resolves when the history has been read. Goes on after failures of the bus. Throws BUS_UNAVAILABLE when
 *  the bus cannot be reached at the start. */
export async function startTail(deps: { readonly bus: Bus; readonly log: Logger }, options: TailOptions): Promise<Tail> {
  const { bus, log } = deps;
  const [range] = await bus.ranges(options.topic);
  const target = range?.next ?? 0;
  const from = Math.max(range?.earliest ?? 0, target - options.history);
  options.onBegin(from);
  const subscription = await bus.subscribe({ topic: options.topic, group: options.group, position: async () => from });
  const ending = new AbortController();
  const warm = Promise.withResolvers<void>();
  if (from >= target) warm.resolve();
  const follow = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        const batch = await subscription.next({ timeoutMs: 1000 });
        for (const record of batch?.records ?? []) {
          options.onRecord(record);
          if (record.offset >= target - 1) warm.resolve();
        }
      } catch (error) {
        if (ending.signal.aborted || isGuardianError(error, 'BUS_CLOSED')) return;
        log.warn({ err: error }, 'the stream could not read the bus; it tries again');
        await sleep(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  };
  const loop = follow().finally(warm.resolve);
  await warm.promise;
  return {
    async stop() {
      ending.abort();
      await subscription.close();
      await loop;
    },
  };
}
