import { existsSync } from 'node:fs';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { GuardianError } from '../../errors.ts';
import { compareTables, copyTables, endCopy, type ComparedTable, type CopyTablesOptions } from '../../store/copy-tables.ts';
import type { Database } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { moveToLog, type NextLog } from '../../store/verbs/log/move-to-log.ts';
import type { DataDir } from '../data-dir.ts';
import { databasePlace, openEngineOfDatabase, openEngineOfLog, ownDatabase } from '../engines.ts';
import { DERIVED_READERS } from '../readers.ts';
import { copyRaw, type CopiedRaw } from './copy-raw.ts';

export interface MoveOptions {
  /** The data directory to move from, which this process holds, with its configuration. */
  readonly dir: DataDir;
  readonly from: Config;
  /** The configuration to move to. */
  readonly to: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onPage?: CopyTablesOptions['onPage'];
}

/** What was moved, and whether it is the same there. */
export interface Moved {
  readonly tables: readonly ComparedTable[];
  /** Single transactions of the log; null where they stay on it. */
  readonly raw: CopiedRaw | null;
  readonly same: boolean;
}

/** Copies an embedded database to a server: all tables, and where the new log is on Kafka the single transactions of the log too; the database
 *  then goes on with the topics in Kafka, which are made where they are not there. Called again after it was broken off, it goes on. The data
 *  directory is left as it is. Throws STORE_REFUSED, STORE_UNAVAILABLE, STORE_MIGRATION, BUS_UNAVAILABLE. */
export async function moveData(options: MoveOptions): Promise<Moved> {
  const { dir, from, to, clock, log } = options;
  const source = databasePlace({ store: { ...from.store, engine: 'pglite' } }, dir);
  if (source.kind !== 'directory' || !existsSync(source.path))
    throw new GuardianError('STORE_REFUSED', `${dir.root} holds no database.`, {
      rule: 'move_no_database',
      params: { path: dir.root },
    });
  const place = databasePlace(to, dir);
  const disown = await ownDatabase(place, { log, onLost: () => undefined });
  try {
    const databases: Database[] = [];
    try {
      const here = await openEngineOfDatabase(source, { clock, log });
      databases.push(here);
      const there = await openEngineOfDatabase(place, { clock, log });
      databases.push(there);
      for (const database of databases) await migrate({ database, clock, log });
      return await move(options, here, there);
    } finally {
      for (const database of databases) await database.close();
    }
  } finally {
    await disown();
  }
}

async function move({ dir, from, to, clock, log, onPage }: MoveOptions, here: Database, there: Database): Promise<Moved> {
  await copyTables(here, there, onPage === undefined ? {} : { onPage });
  const withRaw = to.bus.engine === 'kafka';
  const tables = (await compareTables(here, there)).map((one) =>
    // A copy that was broken off has brought some of the log there already.
    withRaw && one.table === 'transaction' ? { ...one, same: one.same || one.to > one.from } : one,
  );
  // The brokers are asked before anything is said to be there.
  const next = withRaw ? await nextLogOf({ dir, to, clock, log }) : null;
  const raw = withRaw && tables.every((table) => table.same) ? await rawOf({ dir, from, clock, log }, here, there) : null;
  const same = tables.every((table) => table.same) && (raw?.missing ?? 0) === 0;
  if (same) {
    await there.transaction(async (tx) => {
      if (next !== null) await moveToLog(tx, next);
      await endCopy(tx);
    });
  }
  return { tables, raw, same };
}

/** The topics in Kafka, as they are. */
async function nextLogOf({ dir, to, clock, log }: Pick<MoveOptions, 'dir' | 'to' | 'clock' | 'log'>): Promise<NextLog> {
  const bus = await openEngineOfLog(to, dir, { clock, log, writer: 'inline', cleans: false });
  try {
    return {
      topics: Object.values(TOPICS).map((topic) => ({ topic, id: bus.identity(topic) })),
      derived: await Promise.all(DERIVED_READERS.map(async ({ topic }) => ({ topic, ranges: await bus.ranges(topic) }))),
    };
  } finally {
    await bus.close();
  }
}

async function rawOf(
  { dir, from, clock, log }: Pick<MoveOptions, 'dir' | 'from' | 'clock' | 'log'>,
  here: Database,
  there: Database,
): Promise<CopiedRaw> {
  // As many partitions as the files have.
  const bus = await openEngineOfLog({ ...from, bus: { ...from.bus, engine: 'embedded', partitions: 1 } }, dir, {
    clock,
    log,
    writer: 'inline',
    cleans: false,
  });
  try {
    return await copyRaw({ bus, database: here }, there);
  } finally {
    await bus.close();
  }
}
