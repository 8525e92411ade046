import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { CanaryEvent } from '@transaction-guardian/contracts/canary.ts';
import type { TakeCanary } from './store-batch.ts';
import type { WebhookPayload } from '@transaction-guardian/contracts/alert.ts';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { createEmbeddedUnderTest } from '../bus/embedded/bus-under-test.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { silentLog } from '../store/test-database.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import type { Receiver } from './notify/receiver-schema.ts';
import type { WebhookReceiver } from './notify/webhook/config.ts';
import type { SendOutcome } from './notify/retry.ts';
import type { DeliveryAttempt, Send } from './notify/channel.ts';
import { webhookPayload } from './notify/webhook/payload.ts';
import { TEST_OPTIONS } from './test-anomaly.ts';
import { ALERT_GROUP, createAlertWorker, type AlertWorker, type AlertWorkerOptions } from './worker.ts';
import { until } from '../test-until.ts';

/** One send that a test saw. */
export interface Sent {
  readonly receiver: string;
  readonly id: string;
  readonly message: Message;
  readonly previous?: DeliveryAttempt['previous'];
  readonly payload: WebhookPayload;
}

/** How a fake receiver answers; a promise holds the answer back. */
export type Answer = (sent: Sent, signal: AbortSignal) => SendOutcome | Promise<SendOutcome>;

/** An alert stage on a real bus and database, with a clock that the test moves and receivers that it plays. */
export interface AlertHarness {
  readonly bus: Bus;
  readonly database: Database;
  readonly sent: Sent[];
  readonly worker: AlertWorker;
  readonly metrics: Registry;
  answer: Answer;
  now: number;
  /** Starts a stage, after stopping (or, with `kill`, abandoning) the one that runs. */
  restart(changes?: Partial<AlertWorkerOptions> & { readonly kill?: boolean; readonly database?: Database }): Promise<void>;
  publish(...events: (AnomalyEvent | CanaryEvent)[]): Promise<void>;
  /** Waits until everything published has been handled. */
  settle(): Promise<void>;
  /** Moves the clock, then ticks and waits for the sends. */
  advance(ms: number): Promise<void>;
  release(): Promise<void>;
}

/** Receivers of tests wait 5 s for company, tell changes every 60 s and repeat every hour. */
export const TIMES = { groupWaitMs: 5000, groupIntervalMs: 60_000, repeatIntervalMs: 3_600_000 };

export const CLAWDBOT: WebhookReceiver = {
  kind: 'webhook',
  name: 'clawdbot',
  url: 'http://127.0.0.1:9/webhook',
  send_resolved: true,
  briefings: true,
  silence_notices: true,
  receipts: false,
};

const TABLES =
  'alert, alert_response, silence, silence_hit, maintenance, notify_group, notification, consumer_offset, outbox, anomaly, minute_score, judged, detector_snapshot';

/** Starts a stage on an empty database (tables of earlier tests are cleared) and an empty bus. `changes`: of its options. */
export async function createAlertHarness(
  database: Database,
  receivers: readonly Receiver[] = [CLAWDBOT],
  changes: Partial<AlertWorkerOptions> = {},
  canary?: TakeCanary,
): Promise<AlertHarness> {
  await database.exec(`truncate ${TABLES}`);
  const under = createEmbeddedUnderTest('inline');
  let bus = await under.open({});
  const sent: Sent[] = [];
  let options: AlertWorkerOptions = {
    ...TEST_OPTIONS,
    ...TIMES,
    owner: 'w',
    receivers,
    tickMs: 0,
    retryMs: 1,
    stopGraceMs: 20,
    ...changes,
  };
  let published = 0;
  let workers = 0;
  const abandoned: AlertWorker[] = [];

  const harness: AlertHarness = {
    bus,
    database,
    sent,
    metrics: new Registry(),
    worker: undefined as unknown as AlertWorker,
    answer: () => ({ kind: 'delivered' }),
    now: Date.parse('2026-11-22T03:00:00.000Z'),
    restart: async ({ kill = false, database: store = database, ...changes } = {}) => {
      if (kill) abandoned.push(harness.worker);
      else await harness.worker?.stop();
      // Another process has a bus of its own on the same directory.
      if (kill) bus = await under.reopen();
      options = { ...options, ...changes, owner: `w${(workers += 1)}` };
      const clock: Clock = { now: () => harness.now, monotonic: () => harness.now };
      const send: Send<Receiver> = async (receiver, delivery, signal) => {
        const seen: Sent = { receiver: receiver.name, ...delivery, payload: webhookPayload(delivery.message) };
        sent.push(seen);
        return harness.answer(seen, signal);
      };
      const metrics = new Registry();
      const worker = createAlertWorker({ bus, database: store, clock, log: silentLog, metrics, random: () => 0, send, canary }, options);
      Object.assign(harness, { worker, metrics });
      await worker.start();
    },
    publish: async (...events) => {
      await bus.publish(
        TOPICS.anomalies,
        events.map((event) => ({ value: Buffer.from(JSON.stringify(event)) })),
      );
      published += events.length;
      await harness.settle();
    },
    settle: async () => {
      await until(
        async () => ((await readOffsets(database, { group: ALERT_GROUP, topic: TOPICS.anomalies })).get(0) ?? 0) >= published,
        'all events handled',
      );
      await nextTurn();
      // On a server a reader sees a commit before the one who made it hears of it.
      if (process.env['GUARDIAN_TEST_POSTGRES'] !== undefined) await delay(100);
    },
    advance: async (ms) => {
      harness.now += ms;
      await harness.worker.tick();
      await harness.worker.idle();
    },
    release: async () => {
      await harness.worker.stop();
      for (const worker of abandoned) await worker.stop();
      await under.release();
    },
  };
  await harness.restart();
  await until(async () => (await database.query('select 1 from consumer_offset')).length > 0, 'partition taken');
  // On a server a reader sees the claim before its owner knows that there is nothing to catch up with.
  await until(() => harness.worker.isCaughtUp(), 'caught up');
  return harness;
}
