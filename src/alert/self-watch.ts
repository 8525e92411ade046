import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { SelfType } from '@transaction-guardian/contracts/self-types.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import { JSON_HEADERS } from '../topic/record-headers.ts';
import { repeat, type Stage } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { enqueueOutbox } from '../store/verbs/outbox/enqueue-outbox.ts';
import { listAnomalies } from '../store/verbs/anomaly/list-anomalies.ts';
import { writeAnomalies } from '../store/verbs/anomaly/write-anomalies.ts';
import { selfAnomaly, type SelfFinding } from './self-anomaly.ts';

export interface SelfWatchDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wakeRelay: () => void;
  /** What is wrong with the program right now. `clear`: nothing; `hold`: neither clearly wrong nor clearly over. */
  readonly check: () => Promise<SelfFinding | 'clear' | 'hold'>;
  /** Called after each check with what is open. */
  readonly looked?: (open: Anomaly | null) => Promise<void>;
}

export interface SelfWatchOptions {
  readonly type: SelfType;
  /** Code of the reason that says that it is over. */
  readonly overCode: string;
  readonly detectorVersion: string;
  readonly configHash: string;
  /** Between two looks (default 10 000 ms); 0 for tests that call `look`. */
  readonly everyMs?: number;
}

/** Reports what is wrong with the program itself as an anomaly, so that it reaches receivers, lists and the console in the
 *  way that an outage does. */
export interface SelfWatch extends Stage {
  /** Looks once: opens, updates or resolves the anomaly. Throws what the check and the database throw. */
  look(): Promise<void>;
}

/** Creates the watch. The anomaly and its event commit together; one that is open goes on after a restart. */
export function createSelfWatch(deps: SelfWatchDeps, options: SelfWatchOptions): SelfWatch {
  const { database, clock, log } = deps;
  let open: Anomaly | null | undefined;
  let lastSequence = 0;

  const publish = async (event: AnomalyEvent['event'], anomaly: Anomaly): Promise<void> => {
    // Grows over restarts, as the numbers of windows do.
    lastSequence = Math.max(lastSequence + 1, Math.floor(clock.now() / 1000));
    const message: AnomalyEvent = { v: 1, event, sequence: lastSequence, anomaly };
    await database.transaction(async (tx) => {
      await writeAnomalies(tx, [message]);
      await enqueueOutbox(tx, [{ topic: TOPICS.anomalies, key: anomaly.id, value: JSON.stringify(message), headers: JSON_HEADERS }]);
    });
    open = anomaly.status === 'open' ? anomaly : null;
    deps.wakeRelay();
  };
  const look = async (): Promise<void> => {
    open ??= (await listAnomalies(database, { type: options.type, state: 'open' }, { limit: 1 })).items[0] ?? null;
    await judge(await deps.check());
    await deps.looked?.(open);
  };
  const judge = async (found: SelfFinding | 'clear' | 'hold'): Promise<void> => {
    if (found === 'hold') return;
    const now = clock.now();
    const before = open ?? null;
    const stamp = { ...options, id: idOf(options.type, now) };
    if (found === 'clear') {
      if (before !== null) await publish('resolved', selfAnomaly(stamp, before, null, now));
      return;
    }
    const anomaly = selfAnomaly(stamp, before, found, now);
    if (before === null) log.error({ type: options.type, ...found.reason.params }, 'self-check failed');
    const isNews = before === null || anomaly.severity !== before.severity || now - Date.parse(before.updated_at) >= MINUTE_MS;
    if (isNews) await publish(before === null ? 'opened' : 'updated', anomaly);
  };
  const everyMs = options.everyMs ?? 10_000;
  const loop = repeat(look, { everyMs, log, failure: 'self-check could not run, retrying', waitsFirst: true });
  const start = everyMs === 0 ? async () => undefined : loop.start;
  return { name: 'self_watch', start, stop: loop.stop, health: loop.health, look };
}

const idOf = (type: string, now: number): string => `an_${createHash('sha256').update(`${type}|${now}`).digest('hex').slice(0, 12)}`;
