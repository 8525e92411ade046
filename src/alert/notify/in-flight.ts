import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { Clock } from '../../clock.ts';
import type { Database, Sql } from '../../store/database.ts';
import {
  readDueNotifications,
  settleNotification,
  startNotice,
  type PendingNotification,
  type Settlement,
} from '../../store/verbs/notification/notification-queue.ts';
import { readPrevious } from '../../store/verbs/notification/read-previous.ts';
import { groupKeyFor } from '../group.ts';
import type { AlertMetrics } from '../metrics.ts';
import { renewMessage, type QueueOptions } from './queue-messages.ts';
import { answersAreProof, takesManyGroups } from './receiver.ts';
import type { Receiver } from './receiver-schema.ts';
import type { ReceiverHealthTracker } from './receiver-health.ts';
import { backoffMs, waitAfter, type SendOutcome } from './retry.ts';
import type { Breakers } from '../receiver-breaker.ts';
import type { DeliveryAttempt, Send } from './channel.ts';
import { notificationId } from '../message.ts';

export interface InFlightDependencies {
  readonly database: Database;
  readonly clock: Clock;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  readonly send: Send<Receiver>;
  readonly log: Logger;
  readonly metrics: AlertMetrics;
  readonly health: ReceiverHealthTracker;
  readonly breakers: Breakers;
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
/** From so many groups on a channel for people gets one message about all of them, at most this many. */
const FOLD_FROM = 6;
const FOLD_MOST = 1000;
/** Groups in one transaction. */
const GROUPS_A_TRANSACTION = 50;
const MISSED_MOST = 10;
const MANY_GROUPS = groupKeyFor({ scope: 'many' });

/** A message that is on its way, with the row of the queue that it comes from. */
interface Begun extends DeliveryAttempt {
  readonly row: PendingNotification;
}

/** Creates the sends. That one begins is noted before it happens, so that a crash at any point repeats at most that message,
 *  with the same id, and loses none. Each receiver has its own sends. */
export function createInFlight(deps: InFlightDependencies, options: QueueOptions): InFlight {
  const { database, clock, log, metrics, health, breakers } = deps;
  const inFlight = new Map<string, { readonly receiver: string; readonly groupKey: string; readonly done: Promise<void> }>();
  const abort = new AbortController();
  const allDone = () => Promise.all([...inFlight.values()].map((delivery) => delivery.done));

  async function dispatch(receiver: Receiver, now: number, groupKey?: string): Promise<void> {
    const busyKeys = [...inFlight.values()].filter((delivery) => delivery.receiver === receiver.name).map((flight) => flight.groupKey);
    const room = breakers.room(receiver.name, now, { underWay: busyKeys.length, most: SENDS_AT_ONCE });
    if (room <= 0) return;
    const limit = takesManyGroups(receiver) ? FOLD_MOST : room;
    const due = await readDueNotifications(database, { receiver: receiver.name, now, limit, except: busyKeys, groupKey });
    const sends = takesManyGroups(receiver) && due.length >= FOLD_FROM ? [due] : due.slice(0, room).map((message) => [message]);
    if (sends.length > 0) breakers.begin(receiver.name);
    for (const rows of sends) launch(receiver, rows);
  }

  function launch(receiver: Receiver, rows: readonly PendingNotification[]): void {
    const keys = rows.map(({ groupKey }) => ({ groupKey, key: JSON.stringify([receiver.name, groupKey]) }));
    const done = deliver(receiver, rows)
      // Not settled: the messages stay in the queue and go out again after the wait that was noted.
      .catch((error: unknown) => log.error({ err: error, notification: rows[0]?.id }, 'notification not recorded'))
      .finally(() => keys.forEach(({ key }) => inFlight.delete(key)));
    for (const { groupKey, key } of keys) inFlight.set(key, { receiver: receiver.name, groupKey, done });
  }

  /** Notes the attempt; null when nothing is left to send. */
  async function begin(tx: Sql, row: PendingNotification, at: { readonly now: number; readonly retryAt: number }): Promise<Begun | null> {
    const started = row.kind === 'alerts' ? await renewMessage(tx, options, row, at) : await beginNotice(tx, row.id, at.retryAt);
    if (started === null) return null;
    const previous = await readPrevious(tx, row.receiver, row.groupKey);
    return { row, id: started.id, message: started.message, ...(previous === null ? {} : { previous }) };
  }

  async function deliver(receiver: Receiver, rows: readonly PendingNotification[]): Promise<void> {
    const backoff = backoffMs(Math.min(...rows.map(({ attempts }) => attempts)) + 1, deps.random());
    const now = clock.now();
    const begun: Begun[] = [];
    for (const some of chunksOf(rows))
      begun.push(
        ...(await database.transaction(async (tx) => {
          const started: Begun[] = [];
          for (const row of some) {
            const one = await begin(tx, row, { now, retryAt: now + backoff });
            if (one !== null) started.push(one);
          }
          return started;
        })),
      );
    const delivery = together(receiver, begun);
    if (delivery === null) return;
    const startedAt = clock.monotonic();
    const outcome = await deps.send(receiver, delivery, abort.signal);
    if (abort.signal.aborted && outcome.kind === 'retry') return;
    metrics.sent(receiver.name, outcome.kind, (clock.monotonic() - startedAt) / 1000);
    health.note(receiver.name, outcome, clock.now());
    const settlement = settlementOf(receiver, outcome, { now: clock.now(), backoff, times: options });
    breakers.note(receiver.name, settlement.state === 'pending' ? settlement.nextAttemptAt - clock.now() : null, clock.now());
    for (const some of chunksOf(begun))
      await database.transaction(async (tx) => {
        for (const { id } of some) await settleNotification(tx, id, settlement);
      });
    for (const { row, id } of begun) report(log, { ...row, id }, outcome);
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

function settlementOf(
  receiver: Receiver,
  outcome: SendOutcome,
  { now, backoff, times }: { readonly now: number; readonly backoff: number; readonly times: QueueOptions },
): Settlement {
  if (outcome.kind === 'delivered')
    return { state: 'delivered', at: now, channel: receiver.kind, receipt: outcome.receipt, isProof: answersAreProof(receiver) };
  const mayHaveArrived = outcome.kind === 'retry' && outcome.mayHaveArrived === true;
  return { state: 'pending', nextAttemptAt: now + waitAfter(outcome, backoff, times), error: outcome.error, mayHaveArrived };
}

async function beginNotice(tx: Sql, id: string, retryAt: number): Promise<Pick<DeliveryAttempt, 'id' | 'message'> | null> {
  const message = await startNotice(tx, id, retryAt);
  return message === null ? null : { id, message };
}

function chunksOf<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / GROUPS_A_TRANSACTION);
  return Array.from({ length: count }, (_, index) => items.slice(index * GROUPS_A_TRANSACTION, (index + 1) * GROUPS_A_TRANSACTION));
}

/** Several messages as one, whose id is made of theirs; null for none. */
function together(receiver: Receiver, begun: readonly Begun[]): DeliveryAttempt | null {
  const [first] = begun;
  if (first === undefined || begun.length === 1) return first ?? null;
  const messages = begun.map(({ message }) => message);
  const message: Message = {
    receiver: receiver.name,
    groupKey: MANY_GROUPS,
    firing: messages.flatMap(({ firing }) => firing),
    resolved: messages.flatMap(({ resolved }) => resolved),
    missed: messages.flatMap(({ missed }) => missed).slice(0, MISSED_MOST),
    externalUrl: first.message.externalUrl,
  };
  return { id: notificationId(receiver.name, MANY_GROUPS, begun.length, begun.map(({ id }) => id).join(' ')), message };
}
