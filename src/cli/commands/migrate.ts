import type { DataDir } from '../../app/data-dir.ts';
import type { schemaState, SchemaDeps } from '../../app/schema.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { withConfiguredDatabase } from '../idle-data-dir.ts';
import { localDate } from '../local-date.ts';
import { commandLogger, settledConfig } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';

type SchemaState = Awaited<ReturnType<typeof schemaState>>;
interface Options {
  readonly json?: boolean;
}

/** `guardian migrate up|status`: the schema of the configured database. One on a server may be in use meanwhile. */
export function registerMigrate({ cli, add, run }: CommandRegistry): void {
  const parent = add('migrate', cli.say('migrate.about'), 'guardian migrate status');
  add('up', cli.say('migrate.up'), 'guardian migrate up', parent)
    .option('--json', cli.say('opt.json'))
    .action(run((options: Options) => upCommand(cli, options)));
  add('status', cli.say('migrate.status'), 'guardian migrate status', parent)
    .option('--json', cli.say('opt.json'))
    .action(run((options: Options) => statusCommand(cli, options)));
}

async function upCommand(cli: Cli, { json }: Options): Promise<number> {
  const applied = await onDatabase(cli, async (dir, deps) => (await import('../../app/schema.ts')).applyMigrations(dir, deps));
  if (json === true) cli.print(JSON.stringify({ applied }, null, 2));
  else {
    for (const name of applied) cli.print(name);
    cli.print(cli.say('migrate.applied', { n: applied.length }));
  }
  return EXIT.ok;
}

/** 0: nothing is to be done; 3: migrations are pending; 1: the database is of another program. */
async function statusCommand(cli: Cli, { json }: Options): Promise<number> {
  const migrations = await onDatabase(cli, async (dir, deps) => (await import('../../app/schema.ts')).schemaState(dir, deps));
  const count = (wanted: SchemaState[number]['state']): number => migrations.filter(({ state }) => state === wanted).length;
  const counts = {
    applied: count('applied'),
    pending: count('pending'),
    waiting: count('waiting'),
    changed: count('changed'),
    unknown: count('unknown'),
  };
  if (json === true) {
    const items = migrations.map((one) => ({
      ...one,
      applied_at: one.applied_at === null ? null : new Date(one.applied_at).toISOString(),
    }));
    cli.print(JSON.stringify({ ...counts, migrations: items }, null, 2));
  } else {
    for (const line of linesOf(cli, migrations)) cli.print(line);
    cli.print(cli.say('migrate.counts', { applied: counts.applied, pending: counts.pending }));
    if (counts.changed + counts.unknown > 0) cli.print(cli.say('migrate.foreign'));
  }
  if (counts.changed + counts.unknown > 0) return EXIT.failed;
  return counts.pending > 0 ? EXIT.partial : EXIT.ok;
}

/** Applied ones are many and seldom of interest: only the newest is named. */
function linesOf(cli: Cli, migrations: SchemaState): string[] {
  const at = localDate(cli, cli.config().time_zone);
  const newest = migrations.findLast(({ state }) => state === 'applied');
  return migrations
    .filter((one) => one.state !== 'applied' || one === newest)
    .map(({ name, state, applied_at }) =>
      cli.say(`migrate.line.${state}`, { name, at: applied_at === null ? '' : at(new Date(applied_at).toISOString()) }),
    );
}

async function onDatabase<T>(cli: Cli, work: (dir: Pick<DataDir, 'database'>, deps: SchemaDeps) => Promise<T>): Promise<T> {
  const config = settledConfig(cli, cli.config());
  const deps: SchemaDeps = { config, clock: cli.clock, log: commandLogger(cli) };
  return withConfiguredDatabase(cli, config, (dir) => work(dir, deps));
}
