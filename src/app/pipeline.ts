import { MessageChannel, Worker } from 'node:worker_threads';
import type { HealthFact } from '@transaction-guardian/contracts/health-reason.ts';
import { reasonText } from '@transaction-guardian/contracts/text/text.ts';
import type { Logger } from 'pino';
import { failureReason, GuardianError, messageOf } from '../errors.ts';
import type { RawReader } from '../raw/raw-transactions.ts';
import type { StageHealth } from '../stage.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { connectDatabase } from '../store/remote-database.ts';
import { endThread } from './end-thread.ts';
import { connectRaw } from './engines.ts';
import { keepBridges } from './keep-bridges.ts';
import { STOP, type PipelineGreeting, type PipelineSettings, type PipelineWork } from './pipeline-settings.ts';
import { noteStandstill, pulseMemory, createBehindNotified, readPulse } from './pulse.ts';
import { watchShards, type ShardWatch } from './shard-watch.ts';
import { readThreadState, type PublishedState, type ThreadState } from './thread-state.ts';
import { createWatchdog, type Standstill } from './watchdog.ts';

/** The worker, the detector and the alerter, in a thread of their own with the embedded database. */
export interface Pipeline {
  /** Resolves when the thread works for the first time; rejects with what its start failed with. Then it is not tried again. */
  readonly started: Promise<void>;
  /** The thread's database. Rejects with APP_STARTING until the thread has started, with STORE_UNAVAILABLE while it is being
   *  started again. */
  readonly database: Database;
  /** What the thread has published last. While it is away or silent one check, `pipeline`, says so, and there are no metrics. */
  state(): ThreadState;
  /** Questions about single transactions. They reject as the database does. */
  readonly raw: RawReader;
  /** That detection stands still, for longer than `watchdog.still_s` (five times as long while the first start lasts); over
   *  restarts of the thread, until it gets on. */
  standstill(): Standstill | undefined;
  /** True once it has worked for so long that a standstill would have shown: before, its absence proves nothing. */
  isProven(): boolean;
  /** True while every receiver knows from an alert of the thread that detection is critically behind. */
  isBehindNotified(): boolean;
  /** From now on a thread that hangs is ended at once and not started again: call it before what needs answers of it is
   *  stopped. */
  prepareStop(): void;
  /** Ends the thread, by force when it does not end in time. */
  stop(): Promise<void>;
}

const THREAD = new URL('./pipeline-thread.ts', import.meta.url);
const RESTART_MS = [500, 1000, 2000, 5000, 10_000];
/** A thread that has lived this long was well. */
const STEADY_MS = 60_000;
const LOOK_MS = 1000;
/** A thread whose event loop stands so long while the program stops is ended. */
const STOP_HANG_MS = 3000;
/** Share of the deadline of a stop that the thread gets. */
const STOP_SHARE = 0.7;
const TERMINATE_MS = 5000;
const RESTARTING = 'The pipeline is being started again.';
const STARTING = 'The database and the detector are being started.';
/** A start may recover the database, in one piece of work: so many times `watchdog.restart_s`, or `still_s`. */
const START_TIMES = 5;

/** A thread that works publishes its state once a second: one that has not for so long is busy or hangs. */
const SILENT_MS = 3000;

/** A running thread and the ways to talk to it. */
interface Life {
  readonly worker: Worker;
  readonly memory: SharedArrayBuffer;
  readonly state: () => PublishedState | undefined;
  readonly database: Database;
  readonly raw: Promise<RawReader>;
  /** Why it ended. */
  readonly ended: Promise<string>;
  /** Ends the shards of its detector, which end with it; resolves when they are gone. */
  readonly endShards: () => Promise<void>;
  /** Resolves when it works; rejects with what its start failed with, which ends it. */
  readonly ready: Promise<void>;
}

export interface PipelineDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** File that runs in the thread; default: the one that ships. */
  readonly thread?: URL | undefined;
}

/** Starts the thread, returns at once, and keeps it: one that dies is started again after a pause that grows to 10 s, and one
 *  that does not get on for `watchdog.restart_s` is ended first. */
export function startPipeline(settings: PipelineSettings, deps: PipelineDeps): Pipeline {
  const { clock, log } = deps;
  const { still_s: stillS, restart_s: restartS } = settings.config.watchdog;
  let watchdog = createWatchdog(clock, stillS * 1000);
  const shards = watchShards(settings.config.detect.shards, clock);
  let life = launch(settings, deps, shards.memory);
  let isThere = true;
  let isReady = false;
  let hasStarted = false;
  let provenAt = Number.POSITIVE_INFINITY;
  let stopping = false;
  let away: HealthFact | undefined = { code: 'self_starting', params: {} };
  let isKilled = false;
  const behindNotified = createBehindNotified();
  let timer: NodeJS.Timeout | undefined;

  const end = (reason: HealthFact | undefined): void => {
    if (isKilled) return;
    isKilled = true;
    log.error({ reason: reason && reasonText('en', reason) }, 'pipeline is stalled: terminating its thread');
    void endThread(life.worker);
  };
  const standstill = (): Standstill | undefined => {
    const still = watchdog.standstill();
    return still.forMs >= stillS * 1000 * (hasStarted ? 1 : START_TIMES) ? still : undefined;
  };
  const look = (): void => {
    shards.look();
    watchdog.look(isThere ? readPulse(life.memory) : undefined, { isReady, away, waitsFor: shards.waitsFor() });
    noteStandstill(life.memory, standstill() !== undefined);
    behindNotified.look(life.memory);
    if (!isThere) return;
    const { forMs, reason } = watchdog.ofThread(isReady ? undefined : 'loop');
    const patienceMs = restartS * 1000 * (isReady ? 1 : START_TIMES);
    if (forMs >= (stopping ? STOP_HANG_MS : patienceMs)) end(reason);
  };
  const keep = (current: Life, failures: number): void => {
    const since = clock.monotonic();
    void current.ended.then((ending) => {
      const reason = isKilled ? 'it did not get on' : ending;
      isThere = false;
      isReady = false;
      shards.forget();
      away = isKilled ? { code: 'self_killed', params: {} } : { code: 'self_ended', params: { reason } };
      if (stopping) return;
      log.error({ reason }, 'pipeline thread exited: restarting');
      // One that dies as soon as it works, as on a full disk, is not started again at once for ever.
      const next = clock.monotonic() - since > STEADY_MS ? 0 : failures;
      timer = setTimeout(() => relaunch(next), RESTART_MS[Math.min(next, RESTART_MS.length - 1)]);
    });
  };
  const relaunch = (failures: number): void => {
    life = launch(settings, deps, shards.memory);
    isThere = true;
    isKilled = false;
    watchdog.begin();
    const current = life;
    current.ready.then(
      () => {
        isReady = true;
        away = undefined;
      },
      (error: unknown) => {
        away = { code: 'self_start_failed', params: { failure: failureReason(error).code, message: messageOf(error) } };
        log.error({ err: error }, 'failed to start the pipeline');
      },
    );
    keep(current, failures + 1);
  };

  const prepareStop = (): void => {
    stopping = true;
    clearTimeout(timer);
  };

  const looking = setInterval(look, LOOK_MS).unref();
  const started = life.ready.then(
    () => {
      isReady = true;
      hasStarted = true;
      away = undefined;
      // What the start took is no standstill of the parts.
      watchdog = createWatchdog(clock, stillS * 1000);
      provenAt = clock.monotonic() + stillS * 1000;
      keep(life, 0);
    },
    (error: unknown) => {
      clearInterval(looking);
      throw error;
    },
  );
  started.catch(() => undefined);

  /** The thread that works. What it cannot answer yet is refused at once: nobody waits for a start of unknown length. */
  const working = (): Life => {
    if (isReady) return life;
    if (hasStarted) throw new GuardianError('STORE_UNAVAILABLE', RESTARTING, { retryable: true });
    throw new GuardianError('APP_STARTING', STARTING, { retryable: true });
  };
  const state = (): ThreadState => {
    if (!isReady) {
      return only(hasStarted ? RESTARTING_HEALTH : STARTING_HEALTH);
    }
    const published = life.state();
    if (published !== undefined && published.ageMs <= SILENT_MS) return withShards(published, shards);
    return withShards(only(SILENT_HEALTH), shards);
  };

  return {
    started,
    database: databaseOf(working),
    state,
    raw: {
      find: async (id) => (await working().raw).find(id),
      known: async (ids) => (await working().raw).known(ids),
    },
    standstill,
    isProven: () => clock.monotonic() > provenAt,
    isBehindNotified: behindNotified.isNotified,
    prepareStop,
    async stop() {
      prepareStop();
      // One that is not ready has nothing in hand that a crash could not take from it.
      if (isReady) await askToStop(life, log, settings.config.stop_deadline_s * 1000 * STOP_SHARE);
      clearInterval(looking);
      await within(TERMINATE_MS, endThread(life.worker).then(life.endShards));
    },
  };
}

async function askToStop(life: Life, log: Logger, patienceMs: number): Promise<void> {
  life.worker.postMessage(STOP);
  if ((await within(patienceMs, life.ended)) === 'late') log.error('pipeline did not stop in time: terminating its thread');
}

/** Waits for `work`, but not for longer. */
async function within(ms: number, work: Promise<unknown>): Promise<'done' | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  return Promise.race([work.then(() => 'done' as const), late]).finally(() => clearTimeout(timer));
}

/** The database of whichever thread works. */
function databaseOf(working: () => Life): Database {
  return {
    query: async (text, params) => working().database.query(text, params),
    exec: async (text) => working().database.exec(text),
    copy: async (into, rows) => working().database.copy(into, rows),
    transaction: async (work) => working().database.transaction(work),
    close: async () => undefined,
  };
}

function launch(settings: PipelineSettings, { thread = THREAD, clock }: PipelineDeps, shards: SharedArrayBuffer): Life {
  const ofDatabase = new MessageChannel();
  const ofRaw = new MessageChannel();
  const memory = pulseMemory();
  const work: PipelineWork = { ...settings, memory, shards, databasePort: ofDatabase.port2, rawPort: ofRaw.port2 };
  const worker = new Worker(thread, { name: 'pipeline', workerData: work, transferList: [ofDatabase.port2, ofRaw.port2] });
  const ended = new Promise<string>((resolve) => {
    worker.once('error', (error) => resolve(messageOf(error)));
    worker.once('exit', (code) => resolve(`exit code ${code}`));
  });
  const endShards = keepBridges(worker);
  void ended.then(endShards);
  return {
    worker,
    memory,
    ended,
    ready: greeted(worker, ended),
    state: readThreadState(worker, clock),
    endShards,
    database: connectDatabase(ofDatabase.port1),
    raw: connectRaw(ofRaw.port1).finally(() => ofRaw.port1.unref()),
  };
}

/** What a thread says, and what is known of its shards without it. */
const withShards = ({ checks, metrics, ...state }: ThreadState, shards: ShardWatch): ThreadState => ({
  ...state,
  checks: { ...checks, ...shards.checks() },
  metrics: [...metrics, ...shards.metrics()],
});

const RESTARTING_HEALTH: StageHealth = { status: 'down', reasons: [{ code: 'part_pipeline_restarting', params: {} }] };
const STARTING_HEALTH: StageHealth = { status: 'starting', reasons: [{ code: 'part_pipeline_starting', params: {} }] };
const SILENT_HEALTH: StageHealth = {
  status: 'degraded',
  reasons: [{ code: 'part_no_report', params: { seconds: SILENT_MS / 1000 } }],
};

const only = (pipeline: StageHealth): ThreadState => ({ checks: { pipeline }, metrics: [] });

async function greeted(worker: Worker, ended: Promise<string>): Promise<void> {
  const greeting = await Promise.race([
    new Promise<PipelineGreeting>((resolve) => {
      const hear = (message: unknown): void => {
        if (typeof message !== 'object' || message === null || !('ready' in message || 'failed' in message)) return;
        worker.off('message', hear);
        resolve(message as PipelineGreeting);
      };
      worker.on('message', hear);
    }),
    ended.then((reason): PipelineGreeting => ({
      failed: { code: 'INTERNAL', message: `The pipeline thread ended while it started: ${reason}` },
    })),
  ]);
  if (!('failed' in greeting)) return;
  await endThread(worker);
  const { code, message, rule, params } = greeting.failed;
  throw new GuardianError(code, message, { ...(rule === undefined ? {} : { rule }), ...(params === undefined ? {} : { params }) });
}
