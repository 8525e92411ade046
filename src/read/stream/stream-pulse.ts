import type { MinuteBand } from '@transaction-guardian/contracts/read.ts';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { Logger } from 'pino';
import { MINUTE_MS, type Clock } from '../../clock.ts';
import { formatEvent, type StreamClient, type StreamClients } from './stream-client.ts';

export interface PulseDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly clients: StreamClients;
  readonly readStats: () => Promise<Stats>;
  /** Bands of the fleet for minutes in [from, to), epoch milliseconds; only those that were scored. */
  readonly readBands: (range: { readonly from: number; readonly to: number }) => Promise<readonly MinuteBand[]>;
}

export interface PulseOptions {
  readonly statsEveryMs: number;
  readonly heartbeatMs: number;
}

/** What is sent by the clock and not by the bus: stats when they have changed, bands of minutes that were sent without
 *  one, a heartbeat. Nothing is read while nobody listens. */
export interface StreamPulse {
  start(): void;
  stop(): void;
  /** Something came from the bus: stats follow soon, when they have not just been sent. */
  nudge(): void;
  /** Notes a minute (epoch milliseconds) whose band is to follow. */
  awaitBand(minute: number): void;
  /** Sends the current stats to one client. */
  welcome(client: StreamClient): void;
}

const MAX_UNSCORED = 500;
const SOON_MS = 150;

export function createStreamPulse(deps: PulseDeps, options: PulseOptions): StreamPulse {
  const { clients, log } = deps;
  const unscored = new Set<number>();
  const timers: NodeJS.Timeout[] = [];
  let lastStats = '';
  let isTicking = false;
  let lastTickAt = Number.NEGATIVE_INFINITY;
  let soon: NodeJS.Timeout | undefined;

  const sendBands = async (): Promise<void> => {
    if (unscored.size === 0) return;
    const minutes = [...unscored];
    const bands = await deps.readBands({ from: Math.min(...minutes), to: Math.max(...minutes) + MINUTE_MS });
    const fresh = bands.filter((band) => unscored.delete(Date.parse(band.minute)));
    if (fresh.length > 0) clients.broadcast(() => formatEvent('scores', JSON.stringify(fresh)));
  };
  const sendStats = async (): Promise<void> => {
    const stats = await deps.readStats();
    const essence = essenceOf(stats);
    if (essence !== lastStats) clients.broadcast(() => formatEvent('stats', JSON.stringify(stats)));
    lastStats = essence;
  };
  const tick = async (): Promise<void> => {
    if (isTicking || clients.size === 0) return;
    isTicking = true;
    lastTickAt = deps.clock.monotonic();
    try {
      await sendBands();
      await sendStats();
    } catch (error) {
      log.debug({ err: error }, 'failed to read stream stats');
    } finally {
      isTicking = false;
    }
  };
  const beat = () => {
    const data = JSON.stringify({ now: new Date(deps.clock.now()).toISOString() });
    clients.broadcast(() => `: heartbeat\n${formatEvent('heartbeat', data)}`);
  };
  return {
    start() {
      timers.push(
        setInterval(() => void tick(), options.statsEveryMs),
        setInterval(beat, options.heartbeatMs),
      );
      for (const timer of timers) timer.unref();
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
      clearTimeout(soon);
    },
    nudge() {
      if (soon !== undefined || clients.size === 0) return;
      const waitMs = Math.max(SOON_MS, lastTickAt + options.statsEveryMs - deps.clock.monotonic());
      soon = setTimeout(() => {
        soon = undefined;
        void tick();
      }, waitMs);
      soon.unref();
    },
    awaitBand(minute) {
      unscored.add(minute);
      for (const oldest of unscored) {
        if (unscored.size <= MAX_UNSCORED) break;
        unscored.delete(oldest);
      }
    },
    welcome(client) {
      deps.readStats().then(
        (stats) => clients.send(client, formatEvent('stats', JSON.stringify(stats))),
        (error: unknown) => log.debug({ err: error }, 'failed to read stream stats'),
      );
    },
  };
}

/** What makes stats worth sending again: the time of a live stream always moves. */
function essenceOf({ stream_now, ...stats }: Stats): string {
  return JSON.stringify(stats.stream === 'replay' ? { ...stats, stream_now } : stats);
}
