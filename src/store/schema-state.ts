import { GuardianError } from '../errors.ts';
import type { Sql } from './database.ts';
import type { Migration } from './migration-files.ts';

/** How a migration stands. `waiting`: it needs an extension that the database does not have. `changed`: its file is another one than
 *  was applied. `unknown`: a newer program has applied it. */
export type MigrationState = 'applied' | 'pending' | 'waiting' | 'changed' | 'unknown';

export interface MigrationStatus {
  readonly name: string;
  readonly state: MigrationState;
  /** Epoch milliseconds; null where it is not applied. */
  readonly applied_at: number | null;
}

/** Compares what a database has with the files of this program, in the order of the files; what only the database knows comes last.
 *  Changes nothing, also in an empty database. */
export async function readSchemaState(sql: Sql, migrations: readonly Migration[]): Promise<readonly MigrationStatus[]> {
  const applied = await readApplied(sql);
  const hasTimescale = (await sql.query("select 1 from pg_extension where extname = 'timescaledb'")).length > 0;
  const known = migrations.map(({ name, checksum, needsTimescale }): MigrationStatus => {
    const row = applied.get(name);
    if (row === undefined) return { name, state: needsTimescale && !hasTimescale ? 'waiting' : 'pending', applied_at: null };
    return { name, state: row.checksum === checksum ? 'applied' : 'changed', applied_at: row.applied_at };
  });
  const names = new Set(migrations.map(({ name }) => name));
  const unknown = [...applied.values()].filter(({ name }) => !names.has(name));
  return [...known, ...unknown.map(({ name, applied_at }) => ({ name, state: 'unknown' as const, applied_at }))];
}

/** Throws STORE_MIGRATION when an applied file was changed, or when the database is of a newer program. */
export function refuseForeign(states: readonly MigrationStatus[]): void {
  const changed = states.find(({ state }) => state === 'changed');
  if (changed !== undefined) {
    const { name } = changed;
    throw new GuardianError(
      'STORE_MIGRATION',
      `Migration ${name} was changed after it had been applied: restore the file and add a new one.`,
      { rule: 'schema_changed', params: { name } },
    );
  }
  const missing = namesOf(states, 'unknown');
  if (missing.length === 0) return;
  throw new GuardianError(
    'STORE_MIGRATION',
    `The database has migrations that this program does not know (${missing.join(', ')}): start the newer program.`,
    { rule: 'schema_newer', params: { names: missing.join(', ') } },
  );
}

/** Names of the migrations in a state. */
export function namesOf(states: readonly MigrationStatus[], wanted: MigrationState): string[] {
  return states.filter(({ state }) => state === wanted).map(({ name }) => name);
}

interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
  readonly applied_at: number;
}

async function readApplied(sql: Sql): Promise<ReadonlyMap<string, AppliedRow>> {
  const [found] = await sql.query<{ there: boolean }>("select to_regclass('schema_migration') is not null as there");
  if (found?.there !== true) return new Map();
  const rows = await sql.query<AppliedRow>('select name, checksum, applied_at from schema_migration order by name');
  return new Map(rows.map((row) => [row.name, row]));
}
