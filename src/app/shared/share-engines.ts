import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { secondsToMs, type Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { prepareSchema } from '../../store/migrate.ts';
import type { Database } from '../../store/database.ts';
import type { DataDir } from '../data-dir.ts';
import {
  databasePlace,
  openEngineOfDatabase,
  openEngineOfLog,
  openRawRows,
  type Log,
  takeRole,
  type LinkedEngines,
  type RoleLock,
  type RoleLockOptions,
} from '../engines.ts';
import { alignLog } from './align-log.ts';
import { lateBus, lateDatabase, openLate } from './late.ts';

/** Log and database of a process that opens both on servers, as do all others. */
export interface SharedEngines extends LinkedEngines {
  /** Resolves when both are open, the schema is up to date and the log is known to be that of the database. */
  readonly opened: Promise<void>;
  /** True once the database is there, also while the log is away, and the other way round. */
  readonly hasDatabase: () => boolean;
  readonly hasLog: () => boolean;
  /** Waits for a role of which one process at a time does the work. */
  readonly takeRole: (options: Pick<RoleLockOptions, 'role' | 'signal' | 'onLost' | 'onNotified'>) => Promise<RoleLock | null>;
}

export interface ShareDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: Registry;
  /** Connections to the database at most; default `store.connections`. */
  readonly connections?: number;
}

/** Opens log and database as soon as their servers answer; until then what is asked of them is refused, retryable. */
export function shareEngines(config: Config, dir: DataDir, { clock, log, metrics, connections }: ShareDeps): SharedEngines {
  const { store } = config;
  const place = databasePlace(config, dir);
  const lateStore = openLate<Database>(
    async () => {
      const limit = place.kind === 'server' && connections !== undefined ? { ...place, connections } : place;
      const database = await openEngineOfDatabase(limit, { log, clock, metrics, onDeath: () => undefined });
      try {
        await prepareSchema(store.migrate, { database, log, clock });
        return database;
      } catch (error) {
        await database.close().catch(() => undefined);
        throw error;
      }
    },
    { log, what: 'the database', code: 'STORE_UNAVAILABLE' },
  );
  const lateLog = openLate<Log>(
    () =>
      openEngineOfLog(config, dir, {
        clock,
        log,
        ...(metrics === undefined ? {} : { metrics }),
        writer: 'inline',
        maxPendingRecords: config.ingest.max_pending_records,
      }),
    {
      log,
      what: 'the log',
      code: 'BUS_UNAVAILABLE',
    },
  );
  const bus = lateBus(lateLog);
  const database = lateDatabase(lateStore);
  const raw = openRawRows(database);
  const take: SharedEngines['takeRole'] = (options) =>
    takeRole({ ...options, url: store.session_url ?? store.url ?? '', connectMs: secondsToMs(store.connect_timeout_s), log });
  const ending = new AbortController();
  const opened = Promise.all([lateLog.opened, lateStore.opened]).then(([sharedLog, open]) =>
    alignLog({ bus: sharedLog, database: open, log, signal: ending.signal, take }),
  );
  opened.catch((error: unknown) => log.error({ err: error }, 'log and database do not belong together'));
  return {
    ...{ bus, database, raw, opened, takeRole: take },
    hasDatabase: lateStore.isOpen,
    hasLog: lateLog.isOpen,
    state: () => (lateLog.isOpen() && lateStore.isOpen() ? 'up' : 'away'),
    async close() {
      ending.abort();
      await raw.close();
      await Promise.allSettled([bus.close(), database.close()]);
    },
  };
}
