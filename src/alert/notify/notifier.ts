import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Database, Sql } from '../../store/database.ts';
import {
  queueNotification,
  readDueNotifications,
  readNextDue,
  settleNotification,
  startAttempt,
  type PendingNotification,
  type Settlement,
} from '../../store/verbs/notification-queue.ts';
import { adoptReceivers, saveGroup, takeDueGroups, type NotifyGroup } from '../../store/verbs/notify-groups.ts';
import { readGroupAlerts } from '../../store/verbs/write-alerts.ts';
import { worst } from '../alert-of.ts';
import type { AlertMetrics } from '../metrics.ts';
import { notificationId, webhookPayload } from './payload.ts';
import { planMessage } from './plan.ts';
import type { Receiver } from './receiver.ts';
import { createReceiverHealth, type ReceiverHealth } from './receiver-health.ts';
import { backoffMs, type SendOutcome } from './retry.ts';
import type { Send } from './send.ts';

export interface NotifierDependencies {
  readonly database: Database;
  readonly clock: Clock;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  readonly send: Send;
  readonly log: Logger;
  readonly metrics: AlertMetrics;
}

export interface NotifierOptions {
  readonly receivers: readonly Receiver[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
}

/** Tells receivers about groups of alerts, from a queue in the database. */
export interface Notifier {
  /** Fits the queue to the configured receivers. Once, before the first `tick`. */
  start(): Promise<void>;
  /** Puts messages about due groups into the queue and begins to send what is due. Does not wait for answers. */
  tick(): Promise<void>;
  /** Resolves when no send is under way. */
  idle(): Promise<void>;
  /** Lets sends finish for at most `graceMs`, then gives them up: they are sent again after the next start. */
  stop(graceMs: number): Promise<void>;
  receivers(): readonly ReceiverHealth[];
}

const GROUPS_A_TRANSACTION = 50;
const SENDS_AT_ONCE = 4;

/** Creates the notifier. A message is stored before it is sent and its send is noted before it happens, so that a crash
 *  at any point repeats at most that message, with the same id, and loses none. Each receiver has its own sends. */
export function createNotifier(deps: NotifierDependencies, options: NotifierOptions): Notifier {
  const { database, clock, log, metrics } = deps;
  const settings = new Map(options.receivers.map((receiver) => [receiver.name, receiver]));
  const health = createReceiverHealth([...settings.keys()]);
  const flights = new Map<string, { readonly receiver: string; readonly done: Promise<void> }>();
  const abort = new AbortController();

  async function flush(now: number): Promise<void> {
    for (let full = true; full;) {
      const groups = await database.transaction(async (tx) => {
        const due = await takeDueGroups(tx, now, GROUPS_A_TRANSACTION);
        for (const group of due) await flushGroup(tx, group, now);
        return due;
      });
      full = groups.length === GROUPS_A_TRANSACTION;
    }
  }

  async function flushGroup(tx: Sql, group: NotifyGroup, now: number): Promise<void> {
    const receiver = settings.get(group.receiver);
    if (receiver === undefined) return saveGroup(tx, group, null);
    const alerts = await readGroupAlerts(tx, group.groupKey, Object.keys(group.told));
    const plan = planMessage(group, alerts, receiver, options, now);
    if (plan.kind === 'quiet') return saveGroup(tx, { ...group, told: plan.told }, plan.flushAt);
    const { firing, resolved } = plan;
    const message = { receiver: group.receiver, groupKey: group.groupKey, firing, resolved };
    const payload = webhookPayload({ ...message, externalUrl: options.externalUrl });
    await queueNotification(tx, {
      id: notificationId(group.receiver, group.groupKey, group.messages + 1, plan.contentHash),
      receiver: group.receiver,
      groupKey: group.groupKey,
      status: payload.status,
      severity: worst((firing.length > 0 ? firing : resolved).map((alert) => alert.severity)),
      payloadHash: plan.contentHash,
      payload,
      tells: plan.tells,
      createdAt: now,
    });
    await saveGroup(tx, { ...group, queuedAt: now, messages: group.messages + 1 }, plan.flushAt);
  }

  async function launch(receiver: Receiver, now: number): Promise<void> {
    const flying = [...flights].filter(([, flight]) => flight.receiver === receiver.name).map(([id]) => id);
    const limit = SENDS_AT_ONCE - flying.length;
    if (limit <= 0) return;
    for (const message of await readDueNotifications(database, { receiver: receiver.name, now, limit, except: flying })) {
      const done = deliver(receiver, message)
        // Not settled: the message stays in the queue and goes out again after the wait that was noted.
        .catch((error: unknown) => log.error({ err: error, notification: message.id }, 'notification not recorded'))
        .finally(() => flights.delete(message.id));
      flights.set(message.id, { receiver: receiver.name, done });
    }
  }

  async function deliver(receiver: Receiver, message: PendingNotification): Promise<void> {
    const backoff = backoffMs(message.attempts + 1, deps.random());
    await startAttempt(database, message.id, clock.now() + backoff);
    const startedAt = clock.monotonic();
    const outcome = await deps.send(receiver, { id: message.id, payload: message.payload }, abort.signal);
    if (abort.signal.aborted && outcome.kind === 'retry') return;
    metrics.sent(receiver.name, outcome.kind, (clock.monotonic() - startedAt) / 1000);
    const settlement = settlementOf(outcome, clock.now(), backoff);
    await database.transaction((tx) => settleNotification(tx, message.id, settlement));
    health.note(receiver.name, outcome, clock.now());
    report(message, outcome);
  }

  function report(message: PendingNotification, outcome: SendOutcome): void {
    const facts = { notification: message.id, receiver: message.receiver, group: message.groupKey, attempt: message.attempts + 1 };
    if (outcome.kind === 'delivered') log.info(facts, 'notification delivered');
    else if (outcome.kind === 'retry') log.warn({ ...facts, reason: outcome.error }, 'notification not delivered, will be retried');
    else log.error({ ...facts, reason: outcome.error }, 'notification refused by the receiver');
  }

  return {
    start: () =>
      database.transaction((tx) =>
        adoptReceivers(tx, { receivers: [...settings.keys()], now: clock.now(), groupWaitMs: options.groupWaitMs }),
      ),
    tick: async () => {
      if (settings.size === 0 || abort.signal.aborted) return;
      const now = clock.now();
      const due = await readNextDue(database);
      if (due === null || due > now) return;
      await flush(now);
      for (const receiver of settings.values()) {
        await launch(receiver, now).catch((error: unknown) =>
          log.warn({ receiver: receiver.name, reason: messageOf(error) }, 'queue not read'),
        );
      }
    },
    idle: async () => {
      while (flights.size > 0) await Promise.all([...flights.values()].map((flight) => flight.done));
    },
    stop: async (graceMs) => {
      const landed = Promise.all([...flights.values()].map((flight) => flight.done));
      const timer = new AbortController();
      await Promise.race([landed, delay(graceMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined)]);
      timer.abort();
      abort.abort();
      await landed;
    },
    receivers: () => health.all(),
  };
}

function settlementOf(outcome: SendOutcome, now: number, backoff: number): Settlement {
  if (outcome.kind === 'delivered') return { state: 'delivered', at: now };
  if (outcome.kind === 'refused') return { state: 'failed', at: now, error: outcome.error };
  return { state: 'pending', nextAttemptAt: now + Math.max(backoff, outcome.afterMs), error: outcome.error };
}
