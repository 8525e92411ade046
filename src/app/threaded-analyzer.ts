import { MessageChannel, Worker } from 'node:worker_threads';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import type { Analyzer } from '../analyze/analyzer.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import type { Bus } from '../bus/bus.ts';
import { GuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { serveDatabase } from '../store/remote-database.ts';
import type { AnalyzeCall, AnalyzeSettings } from './analyze-thread.ts';
import type { Config } from '../config/config-schema.ts';
import { serveLogAt } from './engines.ts';
import { endThread } from './end-thread.ts';
import { createCaller, type Caller } from './thread-call.ts';

const THREAD = new URL('./analyze-thread.ts', import.meta.url);
/** Requests that wait or are judged; one more is refused with Retry-After. */
const MAX_WAITING = 16;
/** The thread holds a detector of its own: without requests for this long it goes, and gives the memory back. */
const IDLE_MS = 60_000;
/** A console that shows a forecast asks once a minute. */
const FORECAST_IDLE_MS = 300_000;

/** What judges on request, in a thread of its own: the analyzer of `POST /analyze`, and forecasts. */
export interface ThreadedAnalyzer {
  /** Rejects with HTTP_BUSY while many wait, STORE_UNAVAILABLE when the thread dies or the database is away. */
  readonly analyze: Analyzer;
  /** From the stored state of the detector. Rejects in the same way, and with BUS_UNAVAILABLE. */
  forecast(query: ForecastQuery): Promise<Forecast | null>;
  stop(): Promise<void>;
}

/** Log and database as this process has them. */
export interface AnalyzerSource {
  readonly database: Database;
  readonly bus: Bus;
}

interface Life {
  readonly worker: Worker;
  readonly caller: Caller;
}

/** Judging takes seconds for a large request, in which this thread would accept nothing. The thread starts with the first
 *  request. */
export function createThreadedAnalyzer(config: Config, source: AnalyzerSource): ThreadedAnalyzer {
  let life: Life | undefined;
  let waiting = 0;
  let idle: NodeJS.Timeout | undefined;

  const start = (): Life => {
    const worker = launch(config, source);
    const started = { worker, caller: createCaller(worker) };
    worker.once('error', () => undefined);
    worker.once('exit', () => {
      started.caller.abandon('The thread that judges requests has ended; try again.');
      if (life === started) life = undefined;
    });
    return started;
  };
  const ask = async <T>(name: string, args: unknown, idleMs: number): Promise<T> => {
    if (waiting >= MAX_WAITING) throw new GuardianError('HTTP_BUSY', 'Too many analyses wait.', { retryable: true });
    clearTimeout(idle);
    waiting += 1;
    try {
      life ??= start();
      return await life.caller.call<T>(name, args);
    } finally {
      waiting -= 1;
      if (waiting === 0) idle = setTimeout(() => void end(), idleMs).unref();
    }
  };
  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const ending = life;
    life = undefined;
    if (ending !== undefined) await endThread(ending.worker);
  };
  return {
    analyze: (records, locale) => ask<Recommendation>('analyze', { records, locale } satisfies AnalyzeCall, IDLE_MS),
    forecast: (query) => ask<Forecast | null>('forecast', query, FORECAST_IDLE_MS),
    stop: end,
  };
}

function launch(config: Config, { database, bus }: AnalyzerSource): Worker {
  const ofDatabase = new MessageChannel();
  const ofLog = new MessageChannel();
  const settings: AnalyzeSettings = { config, databasePort: ofDatabase.port2, logPort: ofLog.port2 };
  const worker = new Worker(THREAD, { name: 'analyze', workerData: settings, transferList: [ofDatabase.port2, ofLog.port2] });
  serveDatabase(ofDatabase.port1, database);
  ofDatabase.port1.unref();
  serveLogAt(ofLog.port1, bus).then(
    () => ofLog.port1.unref(),
    () => ofLog.port1.close(),
  );
  return worker;
}
