import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { createConsumer, nextOffsetOf } from '../bus/consume.ts';
import { createTicker, type Stage, type StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { claimPartition, type PartitionClaim } from '../store/verbs/log/claim-partition.ts';
import { noteUnreadable } from '../store/verbs/log/unreadable.ts';
import { countAlerts } from '../store/verbs/alert/list-alerts.ts';
import { SELF_GROUP } from './group.ts';
import { createHoldClock, type HoldClock } from './hold/hold-clock.ts';
import type { InhibitRule } from './inhibit/config.ts';
import { createInhibit } from './inhibit/inhibit.ts';
import { createAlertMetrics, type AlertMetrics } from './metrics.ts';
import { createNotifier, type Notifier } from './notify/notifier.ts';
import type { Receiver } from './notify/receiver-schema.ts';
import { failingReason, type ReceiverHealth } from './notify/receiver-health.ts';
import type { Send } from './notify/channel.ts';
import { receiverTarget } from './notify/targets.ts';
import { createCatchUpGate } from './catch-up-gate.ts';
import { createAlertPipeline, type AlertStage } from './pipeline.ts';
import type { Route } from './route/config.ts';
import { createRouting, routedByDefault, type Routing } from './route/route.ts';
import { storeBatch, type TakeCanary } from './store-batch.ts';
import type { WordingOptions } from './wording.ts';

export interface AlertWorkerDependencies {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  readonly send: Send<Receiver>;
  /** Called after a commit that put messages into the outbox. */
  readonly wakeRelay?: () => void;
  /** Resolves when everything that was accepted before the call has become alerts. Default: the anomalies that are on the
   *  bus are all there is. */
  readonly caughtUp?: () => Promise<void>;
  /** What is done with a test transaction that came through; default nothing. */
  readonly canary?: TakeCanary | undefined;
}

export interface AlertWorkerOptions extends WordingOptions {
  /** Id of the running worker. */
  readonly owner: string;
  readonly receivers: readonly Receiver[];
  /** Alerts go another way: receivers are notified only of the end of those that they know. */
  readonly alertsElsewhere?: boolean;
  /** Which receivers get which alert; none: every one. */
  readonly routes?: readonly Route[];
  /** What keeps consequences of an alert from notifying; default none. */
  readonly inhibitRules?: readonly InhibitRule[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Address of the console in messages. */
  readonly externalUrl?: string | undefined;
  /** Address of the folder of the runbooks; `/runbooks` of the console when undefined. */
  readonly runbookUrl?: string | undefined;
  /** Between looks at the queue (default 500); 0 for tests that call `tick`. */
  readonly tickMs?: number;
  /** Wait after a failure (default 200 ms). */
  readonly retryMs?: number;
  /** How long sends may go on at the stop (default 3 000 ms). */
  readonly stopGraceMs?: number;
}

/** The stage that turns anomalies into alerts and notifies the receivers. */
export interface AlertWorker extends Stage {
  /** Looks at the queue once: what is due is sent. Resolves when the sends have begun. */
  tick(): Promise<void>;
  /** Resolves when no send is under way. */
  idle(): Promise<void>;
  /** Everything that had been accepted before the start has become alerts. */
  isCaughtUp(): boolean;
  receivers(): readonly ReceiverHealth[];
}

/** The consumer group of this stage. */
export const ALERT_GROUP = 'guardian-alert';

const STOP_GRACE_MS = 3000;

/** Creates the alert stage. Alerts, the schedule of their messages, the events for `guardian.alerts` and the consumer's
 *  offset commit together, and a repeated event changes nothing. Receivers are notified only once what had been accepted
 *  before the start has become alerts, so that what came and went in the meantime wakes nobody: neither after a crash nor
 *  when a lost database is rebuilt. */
export function createAlertWorker(deps: AlertWorkerDependencies, options: AlertWorkerOptions): AlertWorker {
  const { bus, database, clock, log } = deps;
  const metrics = createAlertMetrics(deps.metrics);
  const { pipeline, notifier, holds } = createParts(deps, options, metrics);
  const stopping = new AbortController();
  const countOpen = async () => metrics.openAlerts(await countAlerts(database, { status: 'firing' }));
  const open = () => notifier.start().then(countOpen);
  const gate = createCatchUpGate({ clock, log, signal: stopping.signal, caughtUp: deps.caughtUp, open });
  let claim: PartitionClaim | null = null;

  async function begin(partition: number, generation: number): Promise<number | 'earliest'> {
    const taken: PartitionClaim = { group: ALERT_GROUP, topic: TOPICS.anomalies, partition, generation, owner: options.owner };
    const offset = await claimPartition(database, taken);
    claim = taken;
    const range = (await bus.ranges(TOPICS.anomalies)).find((candidate) => candidate.partition === partition);
    gate.endsAt(range?.next ?? 0);
    await gate.reached(Math.max(offset ?? 0, range?.earliest ?? 0));
    return offset ?? 'earliest';
  }

  async function handle(batch: Batch): Promise<void> {
    if (claim === null) return;
    const changes = await storeBatch({ ...deps, pipeline }, claim, batch);
    for (const { before, after } of changes) {
      if (before === null && !after.alert.backfill) metrics.alertOpened(after.alert.type, after.alert.severity);
    }
    if (changes.length > 0) {
      deps.wakeRelay?.();
      await countOpen();
    }
    await gate.reached(nextOffsetOf(batch));
  }

  async function look(): Promise<void> {
    await holds
      .look()
      .then((hasChanged) => (hasChanged ? deps.wakeRelay?.() : undefined))
      .catch((error: unknown) => log.warn({ err: error }, 'failed to evaluate silences and acknowledgements, retrying'));
    // That the detector is behind must be reported while the backlog is still being replayed: it is the reason for it.
    await notifier
      .tick(gate.isOpen() ? undefined : SELF_GROUP)
      .catch((error: unknown) => log.warn({ err: error }, 'failed to reach the notification queue, retrying'));
  }

  const ticker = createTicker(options.tickMs ?? 500, look);
  const consumer = createConsumer(
    { bus, log },
    {
      topic: TOPICS.anomalies,
      group: ALERT_GROUP,
      maxRecords: 500,
      position: begin,
      handle,
      onGap: (gap) => noteUnreadable(database, TOPICS.anomalies, gap),
      retryMs: options.retryMs,
    },
  );

  return {
    name: 'alert',
    start: async () => {
      gate.start();
      consumer.start();
      ticker.start();
    },
    stop: async () => {
      const quiet = ticker.stop();
      stopping.abort();
      await consumer.stop();
      await quiet;
      await notifier.stop(options.stopGraceMs ?? STOP_GRACE_MS);
    },
    health: () => (gate.isHeldBack() ? HELD_BACK : healthOf(consumer.health(), notifier.receivers())),
    tick: ticker.tick,
    idle: notifier.idle,
    isCaughtUp: gate.isOpen,
    receivers: notifier.receivers,
  };
}

function createParts(
  deps: AlertWorkerDependencies,
  options: AlertWorkerOptions,
  metrics: AlertMetrics,
): { readonly pipeline: AlertStage; readonly notifier: Notifier; readonly holds: HoldClock } {
  const times = {
    groupWaitMs: Math.round(options.groupWaitMs),
    groupIntervalMs: Math.round(options.groupIntervalMs),
    repeatIntervalMs: Math.round(options.repeatIntervalMs),
  };
  const { receivers, routes = [], inhibitRules = [] } = options;
  const routing = createRouting(routes, routedByDefault(receivers));
  const externalUrl = options.externalUrl ?? '';
  const inhibit = createInhibit(inhibitRules);
  const noticed = receivers.map((receiver) => ({ ...receiver, target: receiverTarget(receiver) }));
  return {
    pipeline: createAlertPipeline({ ...options, ...times, routing, inhibit }, deps.log),
    notifier: createNotifier(
      { ...deps, metrics },
      { ...options, ...times, routing: options.alertsElsewhere ? nowhere : routing, externalUrl },
    ),
    holds: createHoldClock(deps, { ...options, ...times, inhibit, externalUrl, receivers: noticed }),
  };
}

const nowhere: Routing = () => new Map();

const HELD_BACK: StageHealth = { status: 'degraded', reasons: [{ code: 'part_alerts_held', params: {} }] };

function healthOf(consumer: StageHealth, receivers: readonly ReceiverHealth[]): StageHealth {
  if (consumer.status !== 'ok') return consumer;
  const failing = receivers.filter((receiver) => receiver.failingSince !== null);
  if (failing.length === 0) return consumer;
  return { status: 'degraded', reasons: failing.map(failingReason) };
}
