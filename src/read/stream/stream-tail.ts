import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Bus, BusRecord } from '../../bus/bus.ts';
import { isGuardianError } from '../../errors.ts';

const RETRY_MS = 1000;
const PROBE_RECORDS = 16;
const PROBE_MS = 1000;

export interface TailOptions {
  readonly topic: Topic;
  readonly group: string;
  /** How many of the newest records are read first, at most, and about how many bytes. */
  readonly history: number;
  readonly historyBytes: number;
  /** Called once, before the first record, with its offset. */
  readonly onBegin: (offset: number) => void;
  readonly onRecord: (record: BusRecord) => void;
}

/** Follows partition 0 of a topic: its newest records, then everything new, in order. */
export interface TopicTail {
  /** Ends the subscription; resolves when nothing is called any more. */
  stop(): Promise<void>;
}

/** Begins a tail; resolves when the history has been read. Goes on after failures of the bus. Throws BUS_UNAVAILABLE when
 *  the bus cannot be reached at the start. */
export async function startTail(deps: { readonly bus: Bus; readonly log: Logger }, options: TailOptions): Promise<TopicTail> {
  const { bus, log } = deps;
  const [range] = await bus.ranges(options.topic);
  const target = range?.next ?? 0;
  const earliest = range?.earliest ?? 0;
  const from = Math.max(earliest, target - (await recordsWithin(bus, options, earliest, target)));
  options.onBegin(from);
  // It joins again when its owner was away, and goes on.
  let next = from;
  const subscription = await bus.subscribe({ topic: options.topic, group: options.group, position: async () => next });
  const ending = new AbortController();
  const warm = Promise.withResolvers<void>();
  if (from >= target) warm.resolve();
  const follow = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        const batch = await subscription.next({ timeoutMs: 1000 });
        for (const record of batch?.records ?? []) {
          options.onRecord(record);
          next = record.offset + 1;
          if (record.offset >= target - 1) warm.resolve();
        }
      } catch (error) {
        if (ending.signal.aborted || isGuardianError(error, 'BUS_CLOSED')) return;
        log.warn({ err: error }, 'event stream failed to read the bus, retrying');
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

/** How many of the newest records make up the history, judged by the size of the very newest ones. */
async function recordsWithin(bus: Bus, options: TailOptions, earliest: number, target: number): Promise<number> {
  const probed = Math.min(PROBE_RECORDS, target - earliest);
  if (probed <= 0 || options.history <= probed) return options.history;
  const probe = await bus.subscribe({ topic: options.topic, position: async () => target - probed, maxRecords: probed });
  try {
    const batch = await probe.next({ timeoutMs: PROBE_MS });
    const sizes = (batch?.records ?? []).map(({ value }) => value.byteLength);
    const bytes = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length);
    return Math.max(1, Math.min(options.history, Math.floor(options.historyBytes / Math.max(1, bytes))));
  } finally {
    await probe.close();
  }
}
