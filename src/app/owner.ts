import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Bus, Intake, Position } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { StageHealth } from '../stage.ts';
import type { DataDir } from './data-dir.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { lossNotes, toLoss } from './data-losses.ts';
import { createDiskWatch, type DiskWatch } from './disk-watch.ts';
import { openEngineOfLog, quarantineDamaged, type Log } from './engines.ts';
import { startPipeline, type Pipeline } from './pipeline.ts';
import { createPublishWatch } from './publish-watch.ts';
import { createRetentionFloor } from './retention-floor.ts';
import type { ProcessRole } from './roles.ts';
import { createUncounted } from './uncounted.ts';
import type { UndoStack } from './undo-stack.ts';

/** What the one process has that owns the engines of a data directory. */
export interface Owner {
  readonly bus: Log;
  /** The log for those who publish transactions: it refuses them while the disk is nearly full. */
  readonly intake: Intake<readonly Position[]>;
  readonly pipeline: Pipeline;
  readonly disk: DiskWatch;
  /** Whether what is published reaches the disk. */
  readonly publishing: () => StageHealth;
}

const DISK_LOOK_MS = 5000;

export interface OwnerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly undo: UndoStack;
  /** File that runs in the pipeline's thread; default: the one that ships. */
  readonly thread?: URL | undefined;
}

/** Takes a data directory for this process, opens its log, and starts the thread with the database and the stages of `role`.
 *  Throws APP_ALREADY_RUNNING, APP_DATA_DIR. */
export async function startOwner(config: Config, dir: DataDir, role: ProcessRole, deps: OwnerDeps): Promise<Owner> {
  const { clock, log, metrics, undo } = deps;
  const lock = lockDataDir(dir.root, process.pid);
  undo.push('lock of the data directory', lock.release);
  const running: { pipeline?: Pipeline } = {};
  for (const file of await quarantineDamaged(dir, clock.now())) {
    log.error({ ...file }, 'damaged log file quarantined: a new file takes its place');
    lossNotes(dir.root, { clock, log })(toLoss(file));
  }
  const bus = await openEngineOfLog(config, dir, {
    floor: createRetentionFloor(() => running.pipeline?.database, clock),
    clock,
    log,
    metrics,
    writer: 'thread',
    maxPendingRecords: config.ingest.max_pending_records,
  });
  undo.push('bus', () => bus.close());
  const pipeline = startPipeline({ config, dir, role }, { clock, log, thread: deps.thread });
  running.pipeline = pipeline;
  undo.push('pipeline', () => pipeline.stop());

  const uncounted = createUncounted({ bus, database: pipeline.database });
  const disk = createDiskWatch(dir.root, { clock, log, metrics, uncounted: uncounted.records });
  undo.push('watch of the disk', watchDisk(disk, uncounted.look));
  const watch = createPublishWatch(bus, clock, disk.noRoom);
  return { bus, intake: watch.bus, pipeline, disk, publishing: watch.health };
}

/** What others publish: the room that is left is kept for what is accepted already. */
export function guardTransactions({ bus, intake }: Pick<Owner, 'bus' | 'intake'>): Bus {
  return { ...bus, publish: (topic, records) => (topic === TOPICS.transactions ? intake : bus).publish(topic, records) };
}

function watchDisk(disk: DiskWatch, before: () => void): () => void {
  const look = (): void => {
    before();
    disk.look();
  };
  // A disk that is full at the start takes no transaction either.
  look();
  const timer = setInterval(look, DISK_LOOK_MS).unref();
  return () => clearInterval(timer);
}
