import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import type { Analyzer } from '../analyze/analyzer.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import { GuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { serveDatabase } from '../store/remote-database.ts';
import type { AnalyzeCall, AnalyzeSettings } from './analyze-thread.ts';
import type { Config } from '../config/config-schema.ts';
import type { DataDir } from './data-dir.ts';
import { createCaller, type Caller } from './thread-call.ts';

const THREAD = new URL('./analyze-thread.ts', import.meta.url);
/** Requests that wait or are judged; one more is refused with Retry-After. */
const MAX_WAITING = 16;
/** The thread holds a detector of its own: without requests for this long it goes, and gives the memory back. */
const IDLE_MS = 60_000;
/** A console that shows a forecast asks once a minute. */
const FORECAST_IDLE_MS = 300_000;

/** The analyzer of `POST /analyze` in a thread of its own. */
export interface ThreadedAnalyzer {
  /** Rejects with HTTP_BUSY while many wait, STORE_UNAVAILABLE when the thread dies or the database is away. */
  readonly analyze: Analyzer;
  /** From the stored state of the detector; only where the thread has the log. */
  forecast(query: ForecastQuery): Promise<Forecast | null>;
  stop(): Promise<void>;
}

/** The database of this process, or the data directory whose owner serves it. */
export type AnalyzerSource = { readonly database: Database } | { readonly dir: DataDir };

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
    const worker = 'dir' in source ? launch({ config, dir: source.dir }) : launchBeside(config, source.database);
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
    await ending?.worker.terminate();
  };
  return {
    analyze: (records, locale) => ask<Recommendation>('analyze', { records, locale } satisfies AnalyzeCall, IDLE_MS),
    forecast: (query) => ask<Forecast | null>('forecast', query, FORECAST_IDLE_MS),
    stop: end,
  };
}

function launch(settings: AnalyzeSettings, transferList: readonly MessagePort[] = []): Worker {
  return new Worker(THREAD, { name: 'analyze', workerData: settings, transferList: [...transferList] });
}

function launchBeside(config: Config, database: Database): Worker {
  const { port1, port2 } = new MessageChannel();
  const worker = launch({ config, databasePort: port2 }, [port2]);
  serveDatabase(port1, database);
  port1.unref();
  return worker;
}
