import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { GuardianError } from '../../errors.ts';
import { compareTables, copyTables, endCopy, type ComparedTable, type CopyTablesOptions } from '../../store/copy-tables.ts';
import type { Database } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import type { DataDir } from '../data-dir.ts';
import { databasePlace, openEngineOfDatabase, openEngineOfLog, ownDatabase } from '../engines.ts';
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

/** Copies an embedded database to a server: all tables, and where the new log is on Kafka the single transactions of the log too. Called again
 *  after it was broken off, it goes on. The data directory is left as it is. Throws STORE_REFUSED, STORE_UNAVAILABLE, STORE_MIGRATION. */
export async function moveData(options: MoveOptions): Promise<Moved> {
  const { dir, from, to, clock, log } = options;
  const source = databasePlace({ store: { ...from.store, engine: 'pglite' } }, dir);
  if (source.kind !== 'directory' || !existsSync(source.path))
    throw new GuardianError('STORE_REFUSED', `${dir.root} holds no database.`, { data: { path: dir.root } });
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
  const raw = withRaw && tables.every((table) => table.same) ? await rawOf({ dir, from, clock, log }, here, there) : null;
  const same = tables.every((table) => table.same) && (raw?.missing ?? 0) === 0;
  if (same) await endCopy(there);
  return { tables, raw, same };
}

async function rawOf(
  { dir, from, clock, log }: Pick<MoveOptions, 'dir' | 'from' | 'clock' | 'log'>,
  here: Database,
  there: Database,
): Promise<CopiedRaw> {
  const bus = await openEngineOfLog({ ...from, bus: { ...from.bus, engine: 'embedded' } }, dir, {
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
