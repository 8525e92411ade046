import type { PGlite } from '@electric-sql/pglite';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';

/** What a server does in the background and this engine, which has one process, does not do at all. */
export interface EngineMaintenance {
  /** Call it between transactions. Never throws. */
  afterTransaction(): Promise<void>;
}

/** 64 MB of log take about 2 s to read again after a crash. */
const CHECKPOINT_BYTES = 67_108_864;
const LOOK_EVERY = 16;
const VACUUM_EVERY_MS = 3_600_000;
const FIRST_VACUUM_MS = 600_000;

/** Creates the maintenance of the engine that has the seat: a checkpoint whenever the write-ahead log has grown by 64 MB, so that it neither
 *  fills the disk nor makes the next start slow, and a vacuum every hour. */
export function createEngineMaintenance(
  seat: { readonly engine: PGlite },
  deps: { readonly log: Logger; readonly clock: Clock },
): EngineMaintenance {
  const { log, clock } = deps;
  let transactions = 0;
  let nextVacuumMs = clock.monotonic() + FIRST_VACUUM_MS;

  const run = async (what: string, text: string): Promise<void> => {
    const started = clock.monotonic();
    await seat.engine.exec(text);
    log.debug({ what, ms: Math.round(clock.monotonic() - started) }, 'database maintenance');
  };
  const maintain = async (): Promise<void> => {
    if (clock.monotonic() >= nextVacuumMs) {
      nextVacuumMs = clock.monotonic() + VACUUM_EVERY_MS;
      await run('vacuum', 'vacuum (analyze)');
    }
    const { rows } = await seat.engine.query<{ bytes: number }>(
      'select pg_current_wal_lsn() - redo_lsn as bytes from pg_control_checkpoint()',
    );
    if ((rows[0]?.bytes ?? 0) > CHECKPOINT_BYTES) await run('checkpoint', 'checkpoint');
  };
  return {
    async afterTransaction() {
      transactions += 1;
      if (transactions % LOOK_EVERY !== 0) return;
      try {
        await maintain();
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'database maintenance failed, retrying later');
      }
    },
  };
}
