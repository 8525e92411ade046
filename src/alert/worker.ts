import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Batch, Bus, BusRecord } from '../bus/bus.ts';
import { sendToDeadLetters } from '../bus/dead-letter.ts';
import type { Clock } from '../clock.ts';
import { createConsumer } from '../consume.ts';
import type { Stage, StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { claimPartition, type PartitionClaim } from '../store/verbs/claim-partition.ts';
import { commitOffset } from '../store/verbs/commit-offset.ts';
import { enqueueOutbox } from '../store/verbs/enqueue-outbox.ts';
import { countAlerts } from '../store/verbs/list-alerts.ts';
import { createAlertMetrics } from './metrics.ts';
import { createNotifier } from './notify/notifier.ts';
import type { Receiver } from './notify/receiver.ts';
import type { ReceiverHealth } from './notify/receiver-health.ts';
import type { Send } from './notify/send.ts';
import { parseEvent } from './parse-event.ts';
import { createAlertPipeline, type AlertChange } from './pipeline.ts';
import type { WordingOptions } from './wording.ts';

export interface AlertWorkerDependencies {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  readonly send: Send;
  /** Called after a commit that put messages into the outbox. */
  readonly wakeRelay?: () => void;
  /** Resolves when everything that was accepted before the call has become alerts. Default: the anomalies that are on the
   *  bus are all there is. */
  readonly caughtUp?: () => Promise<void>;
}

export interface AlertWorkerOptions extends WordingOptions {
  /** Id of the running worker. */
  readonly owner: string;
  readonly receivers: readonly Receiver[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Address of the console in messages. */
  readonly externalUrl?: string | undefined;
  /** Between looks at the queue (default 500); 0 for tests that call `tick`. */
  readonly tickMs?: number;
  /** Wait after a failure (default 200 ms). */
  readonly retryMs?: number;
  /** How long sends may go on at the stop (default 3 000 ms). */
  readonly stopGraceMs?: number;
}

/** The stage that turns anomalies into alerts and tells the receivers. */
export interface AlertWorker extends Stage {
  /** Looks at the queue once: what is due is sent. Resolves when the sends have begun. */
  tick(): Promise<void>;
  /** Resolves when no send is under way. */
  idle(): Promise<void>;
  receivers(): readonly ReceiverHealth[];
}

/** The consumer group of this stage. */
export const ALERT_GROUP = 'guardian-alert';

const STOP_GRACE_MS = 3000;
const PAST_RETRY_MS = 1000;

/** Creates the alert stage. Alerts, the schedule of their messages, the events for `guardian.alerts` and the consumer's
 *  offset commit together, and a repeated event changes nothing. Receivers are told only once what had been accepted
 *  before the start has become alerts, so that what came and went in the meantime wakes nobody: neither after a crash nor
 *  when a lost database is made again. */
export function createAlertWorker(deps: AlertWorkerDependencies, options: AlertWorkerOptions): AlertWorker {
  const { bus, database, clock, log } = deps;
  const metrics = createAlertMetrics(deps.metrics);
  const groups = { groupWaitMs: Math.round(options.groupWaitMs), groupIntervalMs: Math.round(options.groupIntervalMs) };
  const pipeline = createAlertPipeline({ ...options, ...groups, receivers: options.receivers.map((receiver) => receiver.name) }, log);
  const notifier = createNotifier(
    { database, clock, random: deps.random, send: deps.send, log, metrics },
    {
      ...groups,
      receivers: options.receivers,
      repeatIntervalMs: Math.round(options.repeatIntervalMs),
      externalUrl: options.externalUrl ?? '',
    },
  );
  let claim: PartitionClaim | null = null;
  /** Where the past ends: the notifier waits until it has been read; null once it has. */
  let backlogEnd: number | null = Number.POSITIVE_INFINITY;
  const stopping = new AbortController();
  let startedAt: number | null = null;
  let ticking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function begin(partition: number, generation: number): Promise<number | 'earliest'> {
    const taken: PartitionClaim = { group: ALERT_GROUP, topic: TOPICS.anomalies, partition, generation, owner: options.owner };
    const offset = await claimPartition(database, taken);
    claim = taken;
    const range = (await bus.ranges(TOPICS.anomalies)).find((candidate) => candidate.partition === partition);
    if (backlogEnd === Number.POSITIVE_INFINITY) backlogEnd = range?.next ?? 0;
    await caughtUp(Math.max(offset ?? 0, range?.earliest ?? 0));
    return offset ?? 'earliest';
  }

  /** A start takes a moment; longer than that somebody waits for a message. */
  function isHeldBack(): boolean {
    return backlogEnd !== null && startedAt !== null && clock.monotonic() - startedAt > HELD_BACK_MS;
  }

  async function caughtUp(nextOffset: number): Promise<void> {
    if (deps.caughtUp !== undefined || backlogEnd === null || nextOffset < backlogEnd) return;
    await beginTelling();
  }

  async function followPast(past: () => Promise<void>): Promise<void> {
    while (backlogEnd !== null && !stopping.signal.aborted) {
      try {
        await past();
        await beginTelling();
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ err: error }, 'cannot see whether the past has been read, trying again');
        await delay(PAST_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  async function beginTelling(): Promise<void> {
    if (backlogEnd === null || stopping.signal.aborted) return;
    await notifier.start();
    metrics.openAlerts(await countAlerts(database, { status: 'firing' }));
    backlogEnd = null;
  }

  async function handle(batch: Batch): Promise<void> {
    const current = claim;
    if (current === null) return;
    const { events, failed } = parseAll(batch.records);
    if (failed.length > 0) await setAside(failed, batch.partition);
    const nextOffset = (batch.records.at(-1)?.offset ?? -1) + 1;
    const { changes } = await database.transaction(async (tx) => {
      const done = await pipeline({ events, now: clock.now(), changes: [] }, tx);
      await enqueueOutbox(tx, done.changes.map(toMessage));
      await commitOffset(tx, current, nextOffset);
      return done;
    });
    await committed(changes, nextOffset);
  }

  async function setAside(records: readonly FailedRecord[], partition: number): Promise<void> {
    await sendToDeadLetters(bus, { topic: TOPICS.anomalies, partition, group: ALERT_GROUP, failedAt: clock.now(), records });
    log.error({ count: records.length, reason: records[0]?.reason }, 'anomalies went to the dead letters');
  }

  async function committed(changes: readonly AlertChange[], nextOffset: number): Promise<void> {
    for (const { before, after } of changes) {
      if (before === null && !after.alert.backfill) metrics.alertOpened(after.alert.type, after.alert.severity);
    }
    if (changes.length > 0) {
      deps.wakeRelay?.();
      metrics.openAlerts(await countAlerts(database, { status: 'firing' }));
    }
    await caughtUp(nextOffset);
  }

  function tick(): Promise<void> {
    if (backlogEnd !== null) return Promise.resolve();
    ticking ??= notifier
      .tick()
      .catch((error: unknown) => log.warn({ err: error }, 'queue of notifications not reached, trying again'))
      .finally(() => {
        ticking = null;
      });
    return ticking;
  }

  const retry = options.retryMs === undefined ? {} : { retryMs: options.retryMs };
  const consumer = createConsumer(
    { bus, log },
    { topic: TOPICS.anomalies, group: ALERT_GROUP, maxRecords: 500, position: begin, handle, ...retry },
  );

  return {
    name: 'alert',
    start: async () => {
      startedAt ??= clock.monotonic();
      consumer.start();
      if (deps.caughtUp !== undefined) void followPast(deps.caughtUp);
      const tickMs = options.tickMs ?? 500;
      if (tickMs > 0) timer ??= setInterval(() => void tick(), tickMs).unref();
    },
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await consumer.stop();
      await ticking;
      await notifier.stop(options.stopGraceMs ?? STOP_GRACE_MS);
    },
    health: () => (isHeldBack() ? HELD_BACK : healthOf(consumer.health(), notifier.receivers())),
    tick,
    idle: notifier.idle,
    receivers: notifier.receivers,
  };
}

interface FailedRecord {
  readonly record: BusRecord;
  readonly reason: string;
}

function parseAll(records: readonly BusRecord[]): { events: AnomalyEvent[]; failed: FailedRecord[] } {
  const events: AnomalyEvent[] = [];
  const failed: FailedRecord[] = [];
  for (const record of records) {
    const parsed = parseEvent(record.value);
    if (parsed.kind === 'event') events.push(parsed.event);
    else failed.push({ record, reason: parsed.reason });
  }
  return { events, failed };
}

function toMessage({ event, after }: AlertChange): { topic: typeof TOPICS.alerts; key: string; value: string } {
  const message: AlertEvent = { v: 1, event, alert: after.alert };
  return { topic: TOPICS.alerts, key: after.alert.fingerprint, value: JSON.stringify(message) };
}

const HELD_BACK_MS = 30_000;
const HELD_BACK: StageHealth = { status: 'degraded', detail: 'the past is being counted again; messages wait until that is done' };

function healthOf(consumer: StageHealth, receivers: readonly ReceiverHealth[]): StageHealth {
  if (consumer.status !== 'ok') return consumer;
  const failing = receivers.filter((receiver) => receiver.failingSince !== null);
  if (failing.length === 0) return consumer;
  const detail = failing.map(
    ({ receiver, failingSince, lastError }) => `${receiver}: ${lastError} since ${new Date(failingSince ?? 0).toISOString()}`,
  );
  return { status: 'degraded', detail: detail.join('; ') };
}
