import { MessageChannel, Worker } from 'node:worker_threads';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { Logger } from 'pino';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import { GuardianError, messageOf, type ErrorCode } from '../errors.ts';
import type { StageHealth } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { connectDatabase } from '../store/remote-database.ts';
import type { Config } from './config-schema.ts';
import type { DataDir } from './data-dir.ts';
import { createCaller, type Caller } from './thread-call.ts';

/** What the thread is started with. */
export interface PipelineSettings {
  readonly config: Config;
  readonly dir: DataDir;
}

/** What the thread says when it has started, or why it could not. */
export type PipelineGreeting = { readonly ready: true } | { readonly failed: { readonly code: ErrorCode; readonly message: string } };

/** The worker, the detector and the alerter, in a thread of their own with the embedded database. */
export interface Pipeline {
  /** The thread's database; STORE_UNAVAILABLE while the thread is being started again. */
  readonly database: Database;
  health(): Promise<Readonly<Record<string, StageHealth>>>;
  /** prom-client's JSON of the thread's registry; empty while it is away. */
  metrics(): Promise<object[]>;
  /** Asks the detector of the thread; null for a node that was never counted. Rejects with STORE_UNAVAILABLE while the
   *  thread is away. */
  forecast(query: ForecastQuery): Promise<Forecast | null>;
  /** Resolves when everything accepted before the call is counted, scored and told. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

const THREAD = new URL('./pipeline-thread.ts', import.meta.url);
const RESTART_MS = [500, 1000, 2000, 5000, 10_000];
/** A thread that has lived this long was well. */
const STEADY_MS = 60_000;

/** A running thread and the ways to talk to it. */
interface Life {
  readonly worker: Worker;
  readonly caller: Caller;
  readonly database: Database;
  readonly ended: Promise<string>;
}

/** Starts the thread and keeps it: one that dies is started again after a pause that grows to 10 s. `thread`: the file that
 *  runs in it. Throws what the first start failed with. */
export async function startPipeline(settings: PipelineSettings, log: Logger, thread: URL = THREAD): Promise<Pipeline> {
  let life = await launch(settings, thread);
  let stopping = false;
  let away: NodeJS.Timeout | undefined;
  let launching: Promise<void> = Promise.resolve();

  const keep = (current: Life, failures: number): void => {
    const since = performance.now();
    void current.ended.then((reason) => {
      current.caller.abandon('The pipeline is being started again.');
      if (stopping) return;
      log.error({ reason }, 'the pipeline ended; it is started again');
      // One that dies as soon as it works, as on a full disk, is not started again at once for ever.
      relaunch(performance.now() - since > STEADY_MS ? 0 : failures);
    });
  };
  const relaunch = (failures: number): void => {
    away = setTimeout(
      () => {
        launching = launch(settings, thread).then(
          (next) => {
            life = next;
            keep(next, failures + 1);
          },
          (error: unknown) => {
            log.error({ err: error }, 'the pipeline could not be started');
            if (!stopping) relaunch(failures + 1);
          },
        );
      },
      RESTART_MS[Math.min(failures, RESTART_MS.length - 1)],
    );
  };
  keep(life, 0);

  return {
    database: databaseOf(() => life),
    health: async () =>
      life.caller
        .call<Record<string, StageHealth>>('health')
        .catch((error: unknown) => ({ pipeline: { status: 'down', detail: messageOf(error) } })),
    metrics: async () => life.caller.call<object[]>('metrics').catch(() => []),
    forecast: (query) => life.caller.call('forecast', query),
    drained: () => life.caller.call('drained'),
    async stop() {
      if (stopping) return;
      stopping = true;
      clearTimeout(away);
      // A thread that is on its way has the database open: it must end before the directory is given up.
      await launching;
      await life.caller.call('stop').catch((error: unknown) => log.error({ err: error }, 'the pipeline did not stop cleanly'));
      await life.worker.terminate();
    },
  };
}

/** The database of whichever thread lives. */
function databaseOf(living: () => Life): Database {
  return {
    query: (text, params) => living().database.query(text, params),
    exec: (text) => living().database.exec(text),
    copy: (into, rows) => living().database.copy(into, rows),
    transaction: (work) => living().database.transaction(work),
    close: async () => undefined,
  };
}

async function launch(settings: PipelineSettings, thread: URL): Promise<Life> {
  const channel = new MessageChannel();
  const worker = new Worker(thread, {
    name: 'pipeline',
    workerData: { ...settings, databasePort: channel.port2 },
    transferList: [channel.port2],
  });
  const ended = new Promise<string>((resolve) => {
    worker.once('error', (error) => resolve(messageOf(error)));
    worker.once('exit', (code) => resolve(`exit code ${code}`));
  });
  const greeting = await Promise.race([
    new Promise<PipelineGreeting>((resolve) => worker.once('message', resolve)),
    ended.then((reason): PipelineGreeting => ({
      failed: { code: 'INTERNAL', message: `The pipeline thread ended while it started: ${reason}` },
    })),
  ]);
  if ('failed' in greeting) {
    await worker.terminate();
    throw new GuardianError(greeting.failed.code, greeting.failed.message);
  }
  return { worker, ended, caller: createCaller(worker), database: connectDatabase(channel.port1) };
}
