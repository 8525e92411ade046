import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { Gauge, Registry } from 'prom-client';
import { secondsToMs, systemClock as clock } from '../clock.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import { isGuardianError, messageOf } from '../errors.ts';
import { serveDatabase } from '../store/remote-database.ts';
import { createRawRows } from '../raw/rows/raw-rows.ts';
import { createLogger } from '../telemetry/logger.ts';
import { drainPipeline } from './drain.ts';
import { lossNotes } from './data-losses.ts';
import { compileEngine, openEngineOfLog } from './engines.ts';
import { openDatabase } from './open-database.ts';
import type { PipelineGreeting, PipelineWork } from './pipeline-settings.ts';
import { createPipelineStages } from './pipeline-stages.ts';
import { pipelineHealth } from './pipeline-health.ts';
import { collectWhenIdle } from './idle-collection.ts';
import { createPulse } from './pulse.ts';
import { serveCalls } from './thread-call.ts';
import { watchPauses } from '../window/pause-watch.ts';
import { createUndoStack } from './undo-stack.ts';
import { watchBus } from './watched-bus.ts';

const port = parentPort;
if (port === null) throw new Error('This file runs in a thread that the program starts.');
// Compiled beside the opening of the log.
const engine = compileEngine();
engine.catch(() => undefined);
const { config, dir, databasePort, memory } = workerData as PipelineWork;
const pulse = createPulse(memory);
pulse.start();
const log = createLogger(config.log).child({ thread: 'pipeline' });
const undo = createUndoStack(log);
const stop = (): Promise<void> => undo.unwind(secondsToMs(config.stop_deadline_s));

/** Starts from the database upwards, so that a stop goes from the stages down. */
async function start(): Promise<void> {
  const metrics = new Registry();
  registerHeap(metrics);
  const bus = await openEngineOfLog(config, dir, { clock, log, metrics, writer: 'inline', cleans: false });
  undo.push('bus', () => bus.close());
  // Ends this thread only; the program starts it again.
  const lose = lossNotes(dir.root, { clock, log });
  const onDeath = (): void => process.exit(1);
  const database = await openDatabase({
    path: dir.database,
    engine,
    engineMemoryBytes: config.store.engine_memory_bytes,
    bus,
    clock,
    log,
    lose,
    onDeath,
  });
  undo.push('database', () => database.close());
  serveDatabase(databasePort, database);
  undo.push('database port', () => databasePort.close());

  const raw = createRawRows(database);

  const pauses = watchPauses(clock);
  undo.push('pause watch', pauses.stop);
  const { hasPaused } = pauses;
  const stages = createPipelineStages({
    config,
    bus: watchBus(bus, pulse),
    database,
    raw,
    clock,
    log,
    metrics,
    hasPaused,
    standsStill: pulse.standsStill,
    noteBehindNotified: pulse.noteBehindNotified,
  });
  for (const stage of [stages.relay, stages.alert, stages.detect, stages.window, stages.upkeep, stages.size, stages.watch]) {
    undo.push(stage.name, () => stage.stop());
    await stage.start();
  }
  undo.push('collection of garbage', collectWhenIdle());
  serveCalls(requirePort(), {
    health: () => pipelineHealth(stages),
    metrics: () => metrics.getMetricsAsJSON(),
    forecast: (query: ForecastQuery) => stages.detect.detector().forecast(query),
    drained: () => drainPipeline({ ...stages, bus, database }),
    stop,
  });
}

/** Memory of this thread alone; that of the process is the main thread's to tell. */
function registerHeap(metrics: Registry): void {
  const heap = new Gauge({
    name: 'guardian_pipeline_memory_bytes',
    help: 'Memory of the pipeline thread: JavaScript heap, external memory, and the part of it held by the database engine, which never shrinks.',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      const { heapUsed, external, arrayBuffers } = process.memoryUsage();
      heap.set({ kind: 'heap' }, heapUsed);
      heap.set({ kind: 'external' }, external);
      heap.set({ kind: 'database' }, external - arrayBuffers);
    },
  });
}

function requirePort(): MessagePort {
  if (port === null) throw new Error('no parent');
  return port;
}

start().then(
  () => port.postMessage({ ready: true } satisfies PipelineGreeting),
  async (error: unknown) => {
    await stop().catch(() => undefined);
    const failed = { code: isGuardianError(error) ? error.code : ('INTERNAL' as const), message: messageOf(error) };
    port.postMessage({ failed } satisfies PipelineGreeting);
  },
);
