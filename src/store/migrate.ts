import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import type { Database, Sql } from './database.ts';

export interface MigrateDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly clock: Clock;
}

interface Migration {
  readonly name: string;
  readonly checksum: string;
  readonly text: string;
}

/** Where the numbered files are. */
export const MIGRATIONS = new URL('./migrations/', import.meta.url);

const FILE_NAME = /^\d{4}-[a-z0-9-]+(?:\.timescale)?\.sql$/;

/** Brings the schema up to date: applies the files of `directory` that were not applied yet, in order of their numbers, each
 *  in a transaction of its own, and returns their names. `*.timescale.sql` waits until that extension is there. Safe to
 *  call from several processes. Throws STORE_MIGRATION when an applied file was changed or is missing, or when a number
 *  is used twice; whatever the statements threw, with the file's name in front. */
export async function migrate(deps: MigrateDeps, directory: URL = MIGRATIONS): Promise<readonly string[]> {
  const migrations = await readMigrations(directory);
  await deps.database.transaction(makeTable);
  const known = await readApplied(deps.database);
  const hasTimescale = await isTimescaleThere(deps.database);
  const applied: string[] = [];
  for (const migration of migrations) {
    // A start usually has nothing to apply: a locked transaction for each file would hold it up.
    if (known.get(migration.name) === migration.checksum) continue;
    if (!hasTimescale && migration.name.endsWith('.timescale.sql')) continue;
    if (await deps.database.transaction((tx) => apply(tx, migration, deps.clock.now()))) applied.push(migration.name);
  }
  refuseMissing(known, migrations);
  if (applied.length > 0) deps.log.info({ applied }, 'database migrations applied');
  return applied;
}

/** Any number that nobody else locks. */
const LOCK = 5_284_771;

/** Two processes that make a table at once collide in spite of "if not exists". */
async function makeTable(tx: Sql): Promise<void> {
  await tx.exec('set local statement_timeout = 0; set local lock_timeout = 0');
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
  await tx.exec('create table if not exists schema_migration (name text primary key, checksum text not null, applied_at bigint not null)');
}

async function apply(tx: Sql, migration: Migration, now: number): Promise<boolean> {
  // A change of a large table takes what it takes, and another process may be at it.
  await tx.exec('set local statement_timeout = 0; set local lock_timeout = 0; lock table schema_migration in exclusive mode');
  const [row] = await tx.query<{ checksum: string }>('select checksum from schema_migration where name = $1', [migration.name]);
  if (row !== undefined) {
    if (row.checksum === migration.checksum) return false;
    throw new GuardianError(
      'STORE_MIGRATION',
      `Migration ${migration.name} was changed after it had been applied: restore the file and add a new one.`,
      {
        data: { name: migration.name },
      },
    );
  }
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

/** Checksums of the files that were applied. */
async function readApplied(database: Database): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ name: string; checksum: string }>('select name, checksum from schema_migration order by name');
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function refuseMissing(applied: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const files = new Set(migrations.map(({ name }) => name));
  const missing = [...applied.keys()].filter((name) => !files.has(name));
  if (missing.length === 0) return;
  throw new GuardianError(
    'STORE_MIGRATION',
    `The database has migrations that this program does not know (${missing.join(', ')}): start the newer program.`,
    {
      data: { missing },
    },
  );
}

async function isTimescaleThere(database: Database): Promise<boolean> {
  const rows = await database.query("select 1 from pg_extension where extname = 'timescaledb'");
  return rows.length > 0;
}

async function readMigrations(directory: URL): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const numbers = new Set<string>();
  return Promise.all(
    names.map(async (name) => {
      if (!FILE_NAME.test(name)) throw new GuardianError('STORE_MIGRATION', `${name} is not named like 0001-what-it-does.sql.`);
      const number = name.slice(0, 4);
      if (numbers.has(number) && !name.endsWith('.timescale.sql'))
        throw new GuardianError('STORE_MIGRATION', `Number ${number} is used by two migrations.`);
      numbers.add(number);
      const text = await readFile(new URL(name, directory), 'utf8');
      return { name, text, checksum: createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex') };
    }),
  );
}
