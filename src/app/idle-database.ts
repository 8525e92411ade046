import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { prepareSchema } from '../store/migrate.ts';
import type { DataDir } from './data-dir.ts';
import type { Config } from '../config/config-schema.ts';
import { databasePlace, openEngineOfDatabase } from './engines.ts';

/** Opens the database of a data directory that no server uses, or the one on a PostgreSQL server, with the current schema, and closes it after `work`. Null,
 *  without `work`, when there is none yet. Throws STORE_CORRUPT, STORE_MIGRATION. */
export async function withIdleDatabase<T>(
  dir: Pick<DataDir, 'database'>,
  deps: { readonly config: Config; readonly clock: Clock; readonly log: Logger },
  work: (database: Database) => Promise<T>,
): Promise<T | null> {
  const place = databasePlace(deps.config, dir);
  if (place.kind === 'directory' && !existsSync(place.path)) return null;
  const database = await openEngineOfDatabase(place, deps);
  try {
    await prepareSchema(deps.config.store.migrate, { database, ...deps });
    return await work(database);
  } finally {
    await database.close();
  }
}
