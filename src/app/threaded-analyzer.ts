import { MessageChannel, Worker } from 'node:worker_threads';
import type { Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import type { Analyzer } from '../analyze/analyzer.ts';
import { GuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { serveDatabase } from '../store/remote-database.ts';
import type { AnalyzeCall, AnalyzeSettings } from './analyze-thread.ts';
import type { Config } from '../config/config-schema.ts';
import { createCaller, type Caller } from './thread-call.ts';

const THREAD = new URL('./analyze-thread.ts', import.meta.url);
/** Requests that wait or are judged; one more is told to come back. */
const MAX_WAITING = 16;
/** The thread holds a detector of its own: without requests for this long it goes, and gives the memory back. */
const IDLE_MS = 60_000;

/** The analyzer of `POST /analyze` in a thread of its own. */
export interface ThreadedAnalyzer {
  /** Rejects with HTTP_BUSY while many wait, STORE_UNAVAILABLE when the thread dies or the database is away. */
  readonly analyze: Analyzer;
  stop(): Promise<void>;
}

interface Life {
  readonly worker: Worker;
  readonly caller: Caller;
}

/** Judging takes seconds for a large request, in which this thread would accept nothing. The thread starts with the first
 *  request. */
export function createThreadedAnalyzer(config: Config, database: Database): ThreadedAnalyzer {
  let life: Life | undefined;
  let waiting = 0;
  let idle: NodeJS.Timeout | undefined;

  const start = (): Life => {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(THREAD, {
      name: 'analyze',
      workerData: { config, databasePort: port2 } satisfies AnalyzeSettings,
      transferList: [port2],
    });
    serveDatabase(port1, database);
    port1.unref();
    const started = { worker, caller: createCaller(worker) };
    worker.once('error', () => undefined);
    worker.once('exit', () => {
      started.caller.abandon('The thread that judges requests has ended; try again.');
      if (life === started) life = undefined;
    });
    return started;
  };
  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const ending = life;
    life = undefined;
    await ending?.worker.terminate();
  };
  return {
    async analyze(records, locale) {
      if (waiting >= MAX_WAITING) throw new GuardianError('HTTP_BUSY', 'Too many analyses wait.', { retryable: true });
      clearTimeout(idle);
      waiting += 1;
      try {
        life ??= start();
        return await life.caller.call<Recommendation>('analyze', { records, locale } satisfies AnalyzeCall);
      } finally {
        waiting -= 1;
        if (waiting === 0) idle = setTimeout(() => void end(), IDLE_MS).unref();
      }
    },
    stop: end,
  };
}
