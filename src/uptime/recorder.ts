import type { Health } from '@transaction-guardian/contracts/stats.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { writeServiceStates, type ServiceInterval, type ServiceState } from '../store/verbs/uptime/service-states.ts';

export interface UptimeRecorderDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: () => Promise<Health> | Health;
}

export interface UptimeRecorderOptions {
  /** Between two looks (default 15 s), and between two writes (default 60 s). */
  readonly lookMs?: number;
  readonly writeMs?: number;
}

/** Keeps the record of how the program was. */
export interface UptimeRecorder {
  start(): void;
  /** One look: what `start` does again and again. */
  look(): Promise<void>;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Wall and monotonic clock may differ so much between two looks before the wall clock counts as set. */
const JUMP_MS = 5000;
/** So many looks may be missed, by a busy machine, before the time between is unknown. */
const MISSED = 3;
/** Intervals that wait for a database that is away. */
const MOST_WAITING = 5000;
const SEVERITY: readonly ServiceState[] = ['healthy', 'degraded', 'unknown', 'unhealthy'];

interface Look {
  readonly wall: number;
  readonly monotonic: number;
  readonly state: ServiceState;
}

/** Makes the recorder. Time between two looks is what the worse of both saw. Time in which it did not look (it was not running,
 *  frozen, or its clock was set) is in no interval, so it is unknown. While the database is away, intervals wait in memory. */
export function createUptimeRecorder(deps: UptimeRecorderDeps, options: UptimeRecorderOptions = {}): UptimeRecorder {
  const { database, clock, log } = deps;
  const lookMs = options.lookMs ?? 15_000;
  const writeMs = options.writeMs ?? 60_000;
  let before: Look | null = null;
  let open: ServiceInterval | null = null;
  let waiting: ServiceInterval[] = [];
  let writtenAt = clock.monotonic();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isTold = false;

  const close = (): void => {
    if (open !== null) waiting = [...waiting, open].slice(-MOST_WAITING);
    open = null;
  };
  const take = (now: Look): void => {
    const last = before;
    before = now;
    if (last === null) return;
    const passed = now.monotonic - last.monotonic;
    const isSeen = passed <= MISSED * lookMs && Math.abs(now.wall - last.wall - passed) <= JUMP_MS && now.wall > last.wall;
    if (!isSeen) return close();
    const state = worse(last.state, now.state);
    if (open !== null && open.state === state && open.ended_at === last.wall) open = { ...open, ended_at: now.wall };
    else {
      close();
      open = { started_at: last.wall, ended_at: now.wall, state };
    }
  };
  const flush = async (): Promise<void> => {
    const batch = open === null ? waiting : [...waiting, open];
    const waited = waiting.length;
    try {
      await database.transaction((tx) => writeServiceStates(tx, batch, clock.now()));
      waiting = waiting.slice(waited);
      isTold = false;
    } catch (error) {
      if (!isTold) log.warn({ reason: messageOf(error) }, 'failed to write the uptime record: kept in memory');
      isTold = true;
    }
    writtenAt = clock.monotonic();
  };
  const look = async (): Promise<void> => {
    const state = await stateNow(deps);
    take({ wall: clock.now(), monotonic: clock.monotonic(), state });
    if (clock.monotonic() - writtenAt >= writeMs) await flush();
  };

  return {
    look,
    flush,
    start() {
      const tick = (): void => {
        running = look().catch((error: unknown) => log.warn({ err: error }, 'health self-check failed'));
        void running.then(() => {
          if (timer !== undefined) timer = setTimeout(tick, lookMs).unref();
        });
      };
      timer = setTimeout(tick, 0).unref();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await running;
      await flush();
    },
  };
}

async function stateNow({ health }: UptimeRecorderDeps): Promise<ServiceState> {
  try {
    const { status } = await health();
    // Nothing is judged and nothing can be read while it starts.
    return status === 'starting' ? 'unhealthy' : status;
  } catch {
    return 'unknown';
  }
}

const worse = (a: ServiceState, b: ServiceState): ServiceState => (SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b);
