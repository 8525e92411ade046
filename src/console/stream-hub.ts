import { setTimeout as sleep } from 'node:timers/promises';
import type { MinuteBand, StreamEvents } from '@transaction-guardian/contracts/read.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Bus, Subscription } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { isGuardianError } from '../errors.ts';
import type { Stage, StageHealth } from '../stage.ts';
import { createStreamClients, formatEvent, type StreamClient } from './stream-client.ts';
import { toStreamEntry } from './stream-entry.ts';
import { createStreamRing, formatCursor, parseCursor, STREAM_TOPICS, type StreamEntry, type StreamTopic } from './stream-ring.ts';

export interface StreamHubDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly readStats: () => Promise<Stats>;
  /** Bands of the fleet for minutes in [from, to), epoch milliseconds; only those that were scored. */
  readonly readBands: (range: { readonly from: number; readonly to: number }) => Promise<readonly MinuteBand[]>;
}

export interface StreamHubOptions {
  /** Tells the consumer groups of several processes apart. */
  readonly instance: string;
  readonly timeZone: string;
  /** Events kept for clients that come back (default 4 000), of which so many a topic are read again at start. */
  readonly capacity?: number;
  /** Bytes that may wait for a slow client before it is dropped (default 1 MiB). */
  readonly maxBufferedBytes?: number;
  readonly statsEveryMs?: number;
  readonly heartbeatMs?: number;
}

/** Tails the bus once for all clients of `GET /stream`. */
export interface StreamHub extends Stage {
  readonly clients: number;
  /** Sends what was missed since the event `lastEventId`, then everything new. A gap that is not kept any more, or an id
   *  that is not ours, is answered with `reset`. */
  attach(client: StreamClient, lastEventId: string | undefined): void;
  detach(client: StreamClient): void;
  /** Ends every client; they come back by themselves. */
  endClients(): void;
}

const MAX_UNSCORED = 500;
const RETRY_MS = 1000;
const MINUTE_MS = 60_000;

/** Makes the hub. Windows go out as soon as they are closed; their band follows as `scores`, and `stats` when they have
 *  changed, both at most every `statsEveryMs` and only while somebody listens. */
export function createStreamHub(deps: StreamHubDeps, options: StreamHubOptions): StreamHub {
  const { bus, clock, log } = deps;
  const capacity = options.capacity ?? 4000;
  const ring = createStreamRing(capacity);
  const clients = createStreamClients(options.maxBufferedBytes ?? 1_048_576, () => log.info('a slow stream client was dropped; it can resume'));
  const subscriptions: Subscription[] = [];
  const loops: Promise<void>[] = [];
  const timers: NodeJS.Timeout[] = [];
  const ending = new AbortController();
  const unscored = new Set<number>();
  let lastStats = '';
  let isTicking = false;

  const take = (entry: StreamEntry) => {
    ring.push(entry);
    const id = formatCursor(ring.cursor);
    clients.broadcast((locale) => formatEvent(entry.event, entry.data(locale), id));
    if (entry.event !== 'window') return;
    unscored.add(Date.parse((JSON.parse(entry.data('en')) as StreamEvents['window']).minute));
    for (const oldest of unscored) {
      if (unscored.size <= MAX_UNSCORED) break;
      unscored.delete(oldest);
    }
  };
  const tail = async (topic: StreamTopic): Promise<void> => {
    const [range] = await bus.ranges(TOPICS[topic]);
    const target = range?.next ?? 0;
    const from = Math.max(range?.earliest ?? 0, target - Math.floor(capacity / STREAM_TOPICS.length));
    ring.begin(topic, from);
    const subscription = await bus.subscribe({ topic: TOPICS[topic], group: `guardian-stream-${options.instance}`, position: async () => from });
    subscriptions.push(subscription);
    const warm = Promise.withResolvers<void>();
    if (from >= target) warm.resolve();
    const loop = follow(subscription, (record) => {
      if (record.offset >= ring.cursor[topic]) take(toStreamEntry(topic, record, options.timeZone));
      if (record.offset >= target - 1) warm.resolve();
    });
    loops.push(loop.finally(warm.resolve));
    await warm.promise;
  };
  const follow = async (subscription: Subscription, onRecord: (record: Parameters<typeof toStreamEntry>[1]) => void): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        const batch = await subscription.next({ timeoutMs: 1000 });
        for (const record of batch?.records ?? []) onRecord(record);
      } catch (error) {
        if (ending.signal.aborted || isGuardianError(error, 'BUS_CLOSED')) return;
        log.warn({ err: error }, 'the stream could not read the bus; it tries again');
        await sleep(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  };
  const tick = async (): Promise<void> => {
    if (isTicking || clients.size === 0) return;
    isTicking = true;
    try {
      await sendScores();
      const stats = await deps.readStats();
      const essence = essenceOf(stats);
      if (essence !== lastStats) clients.broadcast(() => formatEvent('stats', JSON.stringify(stats)));
      lastStats = essence;
    } catch (error) {
      log.debug({ err: error }, 'stats of the stream could not be read');
    } finally {
      isTicking = false;
    }
  };
  const sendScores = async (): Promise<void> => {
    if (unscored.size === 0) return;
    const minutes = [...unscored];
    const bands = await deps.readBands({ from: Math.min(...minutes), to: Math.max(...minutes) + MINUTE_MS });
    const fresh = bands.filter((band) => unscored.delete(Date.parse(band.minute)));
    if (fresh.length > 0) clients.broadcast(() => formatEvent('scores', JSON.stringify(fresh)));
  };
  const beat = () => {
    const data = JSON.stringify({ now: new Date(clock.now()).toISOString() });
    clients.broadcast(() => `: heartbeat\n${formatEvent('heartbeat', data)}`);
  };
  const welcome = async (client: StreamClient): Promise<void> => {
    try {
      clients.send(client, formatEvent('stats', JSON.stringify(await deps.readStats())));
    } catch (error) {
      log.debug({ err: error }, 'stats of the stream could not be read');
    }
  };
  const resume = (client: StreamClient, lastEventId: string): void => {
    const cursor = parseCursor(lastEventId);
    const missed = cursor === null ? null : ring.since(cursor);
    if (cursor === null || missed === null) {
      clients.send(client, formatEvent('reset', JSON.stringify({ reason: cursor === null ? 'unknown_id' : 'gap' }), formatCursor(ring.cursor)));
      return;
    }
    const at = { ...cursor };
    let text = '';
    for (const entry of missed) {
      at[entry.topic] = entry.offset + 1;
      text += formatEvent(entry.event, entry.data(client.locale), formatCursor(at));
      if (entry.event === 'window') unscored.add(Date.parse((JSON.parse(entry.data('en')) as StreamEvents['window']).minute));
    }
    if (text !== '') clients.send(client, text);
  };
  return {
    name: 'stream',
    get clients() {
      return clients.size;
    },
    async start() {
      await Promise.all(STREAM_TOPICS.map(tail));
      timers.push(setInterval(() => void tick(), options.statsEveryMs ?? 2000), setInterval(beat, options.heartbeatMs ?? 15_000));
      for (const timer of timers) timer.unref();
    },
    async stop() {
      ending.abort();
      for (const timer of timers) clearInterval(timer);
      clients.endAll();
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await Promise.all(loops);
    },
    health: (): StageHealth => ({ status: 'ok', detail: `${clients.size} clients` }),
    attach(client, lastEventId) {
      if (ending.signal.aborted) return client.sink.end();
      // The first id lets a client resume even when it is cut off before anything happens.
      client.sink.write(`retry: 2000\n${lastEventId === undefined ? `id: ${formatCursor(ring.cursor)}\n` : ''}: hello\n\n`);
      clients.add(client);
      if (lastEventId !== undefined) resume(client, lastEventId);
      void welcome(client);
    },
    detach: (client) => clients.remove(client),
    endClients: () => clients.endAll(),
  };
}

/** What makes stats worth sending again: the time of a live stream always moves. */
function essenceOf({ stream_now, ...stats }: Stats): string {
  return JSON.stringify(stats.stream === 'replay' ? { ...stats, stream_now } : stats);
}
