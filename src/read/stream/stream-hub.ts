import type { StreamEvents } from '@transaction-guardian/contracts/read.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus, BusRecord } from '../../bus/bus.ts';
import type { Stage, StageHealth } from '../../stage.ts';
import { createStreamClients, formatEvent, type StreamClient } from './stream-client.ts';
import { toStreamEntry } from './stream-entry.ts';
import { createStreamPulse, type PulseDeps, type PulseOptions } from './stream-pulse.ts';
import {
  createStreamRing,
  formatCursor,
  parseCursor,
  STREAM_TOPICS,
  type StreamEntry,
  type StreamRing,
  type StreamTopic,
} from './stream-ring.ts';
import { startTail, type TopicTail } from './stream-tail.ts';

export interface StreamHubDeps extends Omit<PulseDeps, 'clients'> {
  readonly bus: Bus;
}

export interface StreamHubOptions extends Partial<PulseOptions> {
  /** Tells the consumer groups of several processes apart. */
  readonly instance: string;
  readonly timeZone: string;
  /** Configured name of an actor; default the id. */
  readonly nameOf?: ((id: string) => string) | undefined;
  /** Events kept for clients that come back (default 4 000), of which a third a topic are read again at start. */
  readonly capacity?: number;
  /** Bytes of a topic that are read again at start, about (default 16 MiB): a large company's windows are large. */
  readonly historyBytes?: number;
  /** Bytes that may wait for a slow client before it is dropped (default 1 MiB). */
  readonly maxBufferedBytes?: number;
}

/** Tails the bus once for all clients of `GET /stream`. */
export interface StreamHub extends Stage {
  readonly clients: number;
  /** Sends what was missed since the event `lastEventId`, then everything new. A gap that is not kept any more, or an id
   *  that is not ours, is answered with `reset`. */
  attach(client: StreamClient, lastEventId: string | undefined): void;
  detach(client: StreamClient): void;
  /** Sends every client something that is not on the log: a client that comes back has to ask for it. */
  announce<Name extends keyof StreamEvents>(event: Name, value: (locale: Locale) => StreamEvents[Name]): void;
  /** Ends every client; they come back by themselves. */
  endClients(): void;
}

/** Makes the hub. Windows go out as soon as they are closed; their band follows as `scores`, and `stats` when they have
 *  changed, both at most every `statsEveryMs` (default 2 s) and only while somebody listens. */
export function createStreamHub(deps: StreamHubDeps, options: StreamHubOptions): StreamHub {
  const { log } = deps;
  const capacity = options.capacity ?? 4000;
  const ring = createStreamRing(capacity);
  const clients = createStreamClients(options.maxBufferedBytes ?? 1_048_576, () =>
    log.info('slow stream client disconnected; it can resume'),
  );
  const pulse = createStreamPulse(
    { ...deps, clients },
    { statsEveryMs: options.statsEveryMs ?? 2000, heartbeatMs: options.heartbeatMs ?? 15_000 },
  );
  const tails: TopicTail[] = [];
  let isStopped = false;

  const take = (topic: StreamTopic, record: BusRecord) => {
    if (record.offset < ring.cursor[topic]) return;
    let entry: StreamEntry | null;
    try {
      entry = toStreamEntry(topic, record, options.timeZone, options.nameOf);
    } catch (error) {
      log.warn({ err: error, topic, offset: record.offset }, 'failed to render a record for the event stream');
      return;
    }
    if (entry === null) return;
    ring.push(entry);
    const id = formatCursor(ring.cursor);
    clients.broadcast((locale) => formatEvent(entry.event, entry.data(locale), id));
    if (entry.minute !== null) pulse.awaitBand(entry.minute);
    pulse.nudge();
  };
  const tail = async (topic: StreamTopic): Promise<void> => {
    const started = await startTail(deps, {
      topic: TOPICS[topic],
      group: `guardian-stream-${options.instance}`,
      history: Math.floor(capacity / STREAM_TOPICS.length),
      historyBytes: options.historyBytes ?? 16_777_216,
      onBegin: (offset) => ring.begin(topic, offset),
      onRecord: (record) => take(topic, record),
    });
    tails.push(started);
  };
  const resume = (client: StreamClient, lastEventId: string): void => {
    const { missed, text } = since(ring, lastEventId, client.locale);
    for (const { minute } of missed) if (minute !== null) pulse.awaitBand(minute);
    if (text !== '') clients.send(client, text);
  };
  return {
    name: 'stream',
    get clients() {
      return clients.size;
    },
    async start() {
      await Promise.all(STREAM_TOPICS.map(tail));
      pulse.start();
    },
    async stop() {
      isStopped = true;
      pulse.stop();
      clients.endAll();
      await Promise.all(tails.map((one) => one.stop()));
    },
    health: (): StageHealth => ({ status: 'ok', reasons: [{ code: 'part_clients', params: { clients: clients.size } }] }),
    attach(client, lastEventId) {
      if (isStopped) return client.sink.end();
      // The first id lets a client resume even when it is cut off before anything happens.
      client.sink.write(`retry: 2000\n${lastEventId === undefined ? `id: ${formatCursor(ring.cursor)}\n` : ''}: hello\n\n`);
      clients.add(client);
      if (lastEventId !== undefined) resume(client, lastEventId);
      pulse.welcome(client);
    },
    detach: (client) => clients.remove(client),
    announce: (event, value) => clients.broadcast((locale) => formatEvent(event, JSON.stringify(value(locale)))),
    endClients: () => clients.endAll(),
  };
}

/** What a client has missed since an event, as it goes out: a `reset` when that is not kept any more, or never was. */
function since(ring: StreamRing, lastEventId: string, locale: Locale): { readonly missed: readonly StreamEntry[]; readonly text: string } {
  const cursor = parseCursor(lastEventId);
  const missed = cursor === null ? null : ring.since(cursor);
  if (cursor === null || missed === null) {
    const reason = cursor === null ? 'unknown_id' : 'gap';
    return { missed: [], text: formatEvent('reset', JSON.stringify({ reason }), formatCursor(ring.cursor)) };
  }
  const at = { ...cursor };
  const events = missed.map((entry) => {
    at[entry.topic] = entry.offset + 1;
    return formatEvent(entry.event, entry.data(locale), formatCursor(at));
  });
  return { missed, text: events.join('') };
}
