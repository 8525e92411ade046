import { messageOf } from '../../errors.ts';
import { readNextDue } from '../../store/verbs/notification/notification-queue.ts';
import { adoptReceivers } from '../../store/verbs/notification/notify-groups.ts';
import type { Routing } from '../route/route.ts';
import type { WordingOptions } from '../wording.ts';
import { createBreakers } from '../receiver-breaker.ts';
import { createInFlight, type InFlightDependencies } from './in-flight.ts';
import { queueMessages } from './queue-messages.ts';
import type { Receiver } from './receiver-schema.ts';
import { createReceiverHealth, type ReceiverHealth } from './receiver-health.ts';

export type NotifierDependencies = Omit<InFlightDependencies, 'health' | 'breakers'>;

export interface NotifierOptions extends WordingOptions {
  readonly receivers: readonly Receiver[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
  /** Which receivers get an alert; default every one. */
  readonly routing?: Routing | undefined;
}

/** Notifies receivers of groups of alerts, from a queue in the database. */
export interface Notifier {
  /** Fits the queue to the configured receivers. Once, before the first `tick`. */
  start(): Promise<void>;
  /** Puts messages about due groups into the queue and begins to send what is due. Does not wait for answers. `groupKey`: only
   *  of this group. */
  tick(groupKey?: string): Promise<void>;
  /** Resolves when no send is under way. */
  idle(): Promise<void>;
  /** Lets sends finish for at most `graceMs`, then gives them up: they are sent again after the next start. */
  stop(graceMs: number): Promise<void>;
  receivers(): readonly ReceiverHealth[];
}

/** Creates the notifier. A message is stored before it is sent and its send is noted before it happens, so that a crash
 *  at any point repeats at most that message, with the same id, and loses none. Each receiver has its own sends. */
export function createNotifier(deps: NotifierDependencies, options: NotifierOptions): Notifier {
  const { database, clock, log } = deps;
  const receivers = new Map(options.receivers.map((receiver) => [receiver.name, receiver]));
  const health = createReceiverHealth([...receivers.keys()]);
  const breakers = createBreakers([...receivers.keys()], deps.metrics.breaker);
  const inFlight = createInFlight({ ...deps, health, breakers }, { ...options, receivers });
  let isStopped = false;

  return {
    start: () =>
      database.transaction((tx) =>
        adoptReceivers(tx, { receivers: [...receivers.keys()], now: clock.now(), groupWaitMs: options.groupWaitMs }),
      ),
    tick: async (groupKey) => {
      if (receivers.size === 0 || isStopped) return;
      const now = clock.now();
      const due = await readNextDue(database);
      if (due === null || due > now) return;
      await queueMessages(database, { ...options, receivers, groupKey }, now);
      for (const receiver of receivers.values()) {
        await inFlight
          .dispatch(receiver, now, groupKey)
          .catch((error: unknown) =>
            log.warn({ receiver: receiver.name, reason: messageOf(error) }, 'failed to read the notification queue'),
          );
      }
    },
    idle: inFlight.drained,
    stop: async (graceMs) => {
      isStopped = true;
      await inFlight.stop(graceMs);
    },
    receivers: () => health.all().map((one) => ({ ...one, breaker: breakers.stateOf(one.receiver) })),
  };
}
