import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../store/database.ts';
import { FOLDERS, readMigrations } from '../store/migration-files.ts';
import { migrate } from '../store/migrate.ts';
import { readSchemaState, type MigrationStatus } from '../store/schema-state.ts';
import type { DataDir } from './data-dir.ts';
import { databasePlace, openEngineOfDatabase } from './engines.ts';

export interface SchemaDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How each migration of the configured database stands; that of a data directory, which no server may use, need not be there yet. Throws
 *  STORE_UNAVAILABLE, STORE_CORRUPT. */
export async function schemaState(dir: Pick<DataDir, 'database'>, deps: SchemaDeps): Promise<readonly MigrationStatus[]> {
  const migrations = await readMigrations(FOLDERS);
  const place = databasePlace(deps.config, dir);
  if (place.kind === 'directory' && !existsSync(place.path))
    return migrations.map(({ name, needsTimescale }) => ({ name, state: needsTimescale ? 'waiting' : 'pending', applied_at: null }));
  return withDatabase(dir, deps, (database) => readSchemaState(database, migrations));
}

/** Applies the migrations that the configured database lacks and returns their names. Throws STORE_MIGRATION, STORE_UNAVAILABLE,
 *  STORE_CORRUPT. */
export function applyMigrations(dir: Pick<DataDir, 'database'>, deps: SchemaDeps): Promise<readonly string[]> {
  return withDatabase(dir, deps, (database) => migrate({ database, ...deps }));
}

async function withDatabase<T>(dir: Pick<DataDir, 'database'>, deps: SchemaDeps, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openEngineOfDatabase(databasePlace(deps.config, dir), deps);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
