import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Database, Sql } from '../../store/database.ts';
import {
  readDueNotifications,
  settleNotification,
  startNotice,
  type PendingNotification,
  type Settlement,
} from '../../store/verbs/notification/notification-queue.ts';
import type { AlertMetrics } from '../metrics.ts';
import { renewMessage, type QueueOptions } from './queue-messages.ts';
import type { Receiver } from './receiver.ts';
import type { ReceiverHealthTracker } from './receiver-health.ts';
import { backoffMs, waitAfter, type SendOutcome } from './retry.ts';
import type { Send } from './channel.ts';

export interface InFlightDependencies {
  readonly database: Database;
  readonly clock: Clock;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  readonly send: Send<Receiver>;
  readonly log: Logger;
  readonly metrics: AlertMetrics;
  readonly health: ReceiverHealthTracker;
}

/** Messages on their way to receivers. */
export interface InFlight {
  /** Begins to send what is due for a receiver, as far as it has room. Does not wait for answers. `groupKey`: only of this group. */
  dispatch(receiver: Receiver, now: number, groupKey?: string): Promise<void>;
  /** Resolves when no send is under way. */
  drained(): Promise<void>;
  /** Lets sends finish for at most `graceMs`, then gives them up: they are sent again after the next start. */
  stop(graceMs: number): Promise<void>;
}

const SENDS_AT_ONCE = 4;

/** Creates the sends. That one begins is noted before it happens, so that a crash at any point repeats at most that message,
 *  with the same id, and loses none. Each receiver has its own sends. */
export function createInFlight(deps: InFlightDependencies, options: QueueOptions): InFlight {
  const { database, clock, log, metrics, health } = deps;
  const inFlight = new Map<string, { readonly receiver: string; readonly groupKey: string; readonly done: Promise<void> }>();
  const abort = new AbortController();
  const allDone = () => Promise.all([...inFlight.values()].map((delivery) => delivery.done));

  async function dispatch(receiver: Receiver, now: number, groupKey?: string): Promise<void> {
    const busyKeys = [...inFlight.values()].filter((delivery) => delivery.receiver === receiver.name).map((flight) => flight.groupKey);
    const limit = SENDS_AT_ONCE - busyKeys.length;
    if (limit <= 0) return;
    for (const message of await readDueNotifications(database, { receiver: receiver.name, now, limit, except: busyKeys, groupKey })) {
      const key = JSON.stringify([receiver.name, message.groupKey]);
      const done = deliver(receiver, message)
        // Not settled: the message stays in the queue and goes out again after the wait that was noted.
        .catch((error: unknown) => log.error({ err: error, notification: message.id }, 'notification not recorded'))
        .finally(() => inFlight.delete(key));
      inFlight.set(key, { receiver: receiver.name, groupKey: message.groupKey, done });
    }
  }

  /** Notes the attempt; null when nothing is left to send. */
  async function begin(tx: Sql, message: PendingNotification, at: { readonly now: number; readonly retryAt: number }) {
    if (message.kind === 'alerts') return renewMessage(tx, options, message, at);
    const notice = await startNotice(tx, message.id, at.retryAt);
    return notice === null ? null : { id: message.id, message: notice };
  }

  async function deliver(receiver: Receiver, message: PendingNotification): Promise<void> {
    const backoff = backoffMs(message.attempts + 1, deps.random());
    const now = clock.now();
    const renewed = await database.transaction((tx) => begin(tx, message, { now, retryAt: now + backoff }));
    if (renewed === null) return;
    const startedAt = clock.monotonic();
    const outcome = await deps.send(receiver, { id: renewed.id, message: renewed.message }, abort.signal);
    if (abort.signal.aborted && outcome.kind === 'retry') return;
    metrics.sent(receiver.name, outcome.kind, (clock.monotonic() - startedAt) / 1000);
    health.note(receiver.name, outcome, clock.now());
    const settlement = settlementOf(outcome, clock.now(), backoff, options);
    await database.transaction((tx) => settleNotification(tx, renewed.id, settlement));
    report(log, { ...message, id: renewed.id }, outcome);
  }

  return {
    dispatch,
    drained: async () => {
      while (inFlight.size > 0) await allDone();
    },
    stop: async (graceMs) => {
      const drained = allDone();
      const timer = new AbortController();
      await Promise.race([drained, delay(graceMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined)]);
      timer.abort();
      abort.abort();
      await drained;
    },
  };
}

function report(log: Logger, message: PendingNotification, outcome: SendOutcome): void {
  const facts = { notification: message.id, receiver: message.receiver, group: message.groupKey, attempt: message.attempts + 1 };
  if (outcome.kind === 'delivered') log.info(facts, 'notification delivered');
  else if (outcome.kind === 'retry') log.warn({ ...facts, reason: outcome.error }, 'notification not delivered, will be retried');
  else log.error({ ...facts, reason: outcome.error }, 'notification refused by the receiver, will be retried');
}

function settlementOf(outcome: SendOutcome, now: number, backoff: number, times: QueueOptions): Settlement {
  if (outcome.kind === 'delivered') return { state: 'delivered', at: now };
  return { state: 'pending', nextAttemptAt: now + waitAfter(outcome, backoff, times), error: outcome.error };
}
