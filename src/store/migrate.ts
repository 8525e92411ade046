import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import type { Database, Sql } from './database.ts';
import { FOLDERS, readMigrations, type Migration, type MigrationFolders } from './migration-files.ts';
import { namesOf, readSchemaState, refuseForeign } from './schema-state.ts';

export interface MigrateDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Brings the schema up to date: applies the migrations that were not applied yet, in their order, each in a transaction of its own, and
 *  returns their names. Those for TimescaleDB wait until that extension is there. Safe to call from several processes: one applies, the
 *  others wait for it. Throws STORE_MIGRATION, before it changes anything, when an applied file was changed or is not known, or when a
 *  number is used twice; whatever the statements threw, with the file's name in front. */
export async function migrate(deps: MigrateDeps, folders: MigrationFolders = FOLDERS): Promise<readonly string[]> {
  const migrations = await readMigrations(folders);
  const states = await readSchemaState(deps.database, migrations);
  refuseForeign(states);
  const pending = new Set(namesOf(states, 'pending'));
  // A start usually has nothing to apply: a locked transaction for each file would hold it up.
  if (pending.size === 0) return [];
  const applied: string[] = [];
  for (const migration of migrations) {
    if (!pending.has(migration.name)) continue;
    if (await deps.database.transaction((tx) => apply(tx, migration, deps.clock.now()))) applied.push(migration.name);
  }
  // Another program may have been at it in between.
  refuseForeign(await readSchemaState(deps.database, migrations));
  if (applied.length > 0) deps.log.info({ applied }, 'database migrations applied');
  return applied;
}

/** Brings the schema up to date (`auto`), or only looks whether it is (`manual`). Throws STORE_MIGRATION, in the latter case also when a
 *  migration is pending. */
export async function prepareSchema(mode: 'auto' | 'manual', deps: MigrateDeps, folders: MigrationFolders = FOLDERS): Promise<void> {
  if (mode === 'auto') return void (await migrate(deps, folders));
  const states = await readSchemaState(deps.database, await readMigrations(folders));
  refuseForeign(states);
  const pending = namesOf(states, 'pending');
  if (pending.length === 0) return;
  throw new GuardianError(
    'STORE_MIGRATION',
    `The database lacks ${pending.length} migrations (from ${pending[0]} on) and store.migrate is manual: run guardian migrate up, then start again.`,
    { rule: 'schema_pending', params: { n: pending.length, first: pending[0] ?? '' } },
  );
}

/** Any number that nobody else locks. */
const LOCK = 5_284_771;

async function apply(tx: Sql, migration: Migration, now: number): Promise<boolean> {
  // A change of a large table takes what it takes, and another process may be at it.
  await tx.exec('set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0');
  await tx.exec(`select pg_advisory_xact_lock(${LOCK})`);
  await tx.exec('create table if not exists schema_migration (name text primary key, checksum text not null, applied_at bigint not null)');
  const [row] = await tx.query<{ checksum: string }>('select checksum from schema_migration where name = $1', [migration.name]);
  // What another process applied meanwhile is looked at once more at the end.
  if (row !== undefined) return false;
  await runFile(tx, migration);
  await tx.query('insert into schema_migration (name, checksum, applied_at) values ($1, $2, $3)', [
    migration.name,
    migration.checksum,
    now,
  ]);
  return true;
}

async function runFile(tx: Sql, migration: Migration): Promise<void> {
  try {
    await tx.exec(migration.text);
  } catch (error) {
    if (!(error instanceof GuardianError)) throw error;
    const { code, retryable, data } = error;
    throw new GuardianError(code, `Migration ${migration.name} failed. ${error.message}`, { retryable, data, cause: error });
  }
}
