import type { FailureReason } from '@transaction-guardian/contracts/health-reason.ts';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Bus, OutRecord } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { failureReason, isGuardianError, messageOf } from '../errors.ts';
import { keepTrying } from '../retry.ts';
import type { Stage, StageHealth } from '../stage.ts';
import { createWakeSignal } from '../wake-signal.ts';
import type { Database } from '../store/database.ts';
import type { ReplacedLog } from '../store/verbs/log/check-log.ts';
import { deleteOutbox } from '../store/verbs/outbox/delete-outbox.ts';
import { markPublished } from '../store/verbs/outbox/mark-published.ts';
import { refuseOutbox } from '../store/verbs/outbox/refuse-outbox.ts';
import { takeOutbox, type StoredMessage } from '../store/verbs/outbox/take-outbox.ts';
import { createUpkeepOfLogs, type TopicConsumer } from './upkeep-of-logs.ts';

export interface OutboxRelayDeps {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}

export interface OutboxRelayOptions {
  /** Groups whose topics can be lost: a message for one stays in the outbox until its group does not need it (default: none). */
  readonly readers?: readonly TopicConsumer[];
  /** How long to sleep when nobody calls `wake` (default 1 000 ms). */
  readonly pollMs?: number;
  /** First and longest wait after a failure (defaults 100 and 10 000 ms). */
  readonly retryMs?: number;
  readonly maxRetryMs?: number;
  /** Called when messages are published again because a stage could not read them. */
  readonly onAgain?: (found: ReplacedLog) => void;
}

/** Carries messages from the outbox to the bus. */
export interface OutboxRelay extends Stage {
  /** Says that a transaction with messages has just been committed. */
  wake(): void;
  /** Resolves when everything that waits now is on the bus. Throws what the bus or the database threw. */
  flush(): Promise<void>;
}

const TAKE = { limit: 500, maxBytes: 4_194_304 };

/** Creates the relay: it publishes in the order of the outbox. What the bus has made durable is deleted, or kept as published
 *  where a stage has to read it, so a crash between the two publishes again (at least once, order kept). While bus or database is down it tries again with growing waits; a
 *  stop ends a wait and tries once more.
 *  A message that the bus can never take stays in the outbox, marked with the reason, and the others go on. */
export function createOutboxRelay(deps: OutboxRelayDeps, options: OutboxRelayOptions = {}): OutboxRelay {
  const { log } = deps;
  const stopping = new AbortController();
  const wakeSignal = createWakeSignal(stopping.signal);
  const measured = createMeasures(deps.metrics);
  const readers = options.readers ?? [];
  const upkeep = createUpkeepOfLogs(deps, readers, (found) => {
    options.onAgain?.(found);
    wakeSignal.notify();
  });
  let running: Promise<void> | undefined;
  let trouble: FailureReason | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** One at a time: a second caller waits, so that messages never overtake each other. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const carryAll = (): Promise<void> =>
    inTurn(async () => {
      while (await carrySome(deps, measured, readers)) trouble = undefined;
      trouble = undefined;
    });

  const carryOn = async (gotOn: () => void): Promise<void> => {
    while (!stopping.signal.aborted) {
      await carryAll();
      await inTurn(upkeep);
      gotOn();
      await wakeSignal.wait(options.pollMs ?? 1000);
    }
  };
  const onFailure = (error: unknown, { waitMs }: { readonly waitMs: number }): void => {
    trouble = failureReason(error);
    if (isTemporary(error)) log.warn({ reason: messageOf(error), wait_ms: waitMs }, 'failed to publish the outbox, retrying');
    else log.error({ err: error, wait_ms: waitMs }, 'outbox relay failed, retrying');
  };

  return {
    name: 'outbox-relay',
    start: async () => {
      running ??= keepTrying(carryOn, {
        signal: stopping.signal,
        retryMs: options.retryMs ?? 100,
        maxRetryMs: options.maxRetryMs ?? 10_000,
        onFailure,
      });
    },
    async stop() {
      const isFirst = !stopping.signal.aborted;
      stopping.abort();
      await running;
      if (isFirst && running !== undefined)
        await carryAll().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'outbox left for the next start'));
    },
    health: (): StageHealth => (trouble === undefined ? { status: 'ok' } : { status: 'degraded', reasons: [trouble] }),
    wake: wakeSignal.notify,
    flush: carryAll,
  };
}

type Measures = ReturnType<typeof createMeasures>;

/** True when there may be more. */
async function carrySome(deps: OutboxRelayDeps, measured: Measures, readers: readonly TopicConsumer[]): Promise<boolean> {
  const messages = await takeOutbox(deps.database, TAKE);
  measured.waiting.set(messages.length);
  if (messages.length === 0) return false;
  for (const run of runsOfOneTopic(messages)) {
    const published = await publishRun(deps, run);
    if (readers.some(({ topic }) => topic === run[0].topic)) await markPublished(deps.database, published);
    else
      await deleteOutbox(
        deps.database,
        published.map(({ id }) => id),
      );
    measured.published.inc({ topic: run[0].topic }, published.length);
  }
  return true;
}

interface Published {
  readonly id: number;
  readonly offset: number;
}

/** Messages of one topic, at least one. */
type Run = [StoredMessage, ...StoredMessage[]];

/** Returns what the bus has now. When it refuses the lot for good, goes one by one, so that only the bad one stays. */
async function publishRun(deps: OutboxRelayDeps, run: Run): Promise<readonly Published[]> {
  const [first, ...others] = run;
  try {
    const positions = await deps.bus.publish(first.topic, run.map(toRecord));
    return run.map(({ id }, index) => ({ id, offset: positions[index]?.offset ?? 0 }));
  } catch (error) {
    if (isTemporary(error)) throw error;
    if (others.length > 0) {
      const published: Published[] = [];
      for (const message of run) published.push(...(await publishRun(deps, [message])));
      return published;
    }
    deps.log.error({ err: error, id: first.id, topic: first.topic }, 'bus rejected a message permanently: kept in the outbox');
    await refuseOutbox(deps.database, { id: first.id, reason: messageOf(error) });
    return [];
  }
}

function toRecord({ key, value, headers }: StoredMessage): OutRecord {
  return { ...(key === '' ? {} : { key }), value: Buffer.from(value), headers };
}

function runsOfOneTopic(messages: readonly StoredMessage[]): Run[] {
  const runs: Run[] = [];
  for (const message of messages) {
    const last = runs.at(-1);
    if (last?.[0].topic === message.topic) last.push(message);
    else runs.push([message]);
  }
  return runs;
}

/** What passes with time. A closed bus counts: the process is stopping and the message must stay in line. */
function isTemporary(error: unknown): boolean {
  return !isGuardianError(error) || error.retryable || error.code === 'BUS_CLOSED' || error.code === 'STORE_CLOSED';
}

function createMeasures(metrics: Registry) {
  return {
    published: new Counter({
      name: 'guardian_outbox_published_total',
      help: 'Messages published from the outbox.',
      labelNames: ['topic'],
      registers: [metrics],
    }),
    waiting: new Gauge({
      name: 'guardian_outbox_messages',
      help: 'Messages read from the outbox in the last poll.',
      registers: [metrics],
    }),
  };
}
