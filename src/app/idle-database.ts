import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import type { DataDir } from './data-dir.ts';
import { openEngineOfDatabase } from './engines.ts';

/** Opens the database of a data directory that no server uses, with the current schema, and closes it after `work`. Null,
 *  without `work`, when there is none yet. Throws STORE_CORRUPT, STORE_MIGRATION. */
export async function withIdleDatabase<T>(
  dir: DataDir,
  deps: { readonly clock: Clock; readonly log: Logger },
  work: (database: Database) => Promise<T>,
): Promise<T | null> {
  if (!existsSync(dir.database)) return null;
  const database = await openEngineOfDatabase(dir.database, deps);
  try {
    await migrate({ database, ...deps });
    return await work(database);
  } finally {
    await database.close();
  }
}
