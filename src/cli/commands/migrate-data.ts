import { resolve } from 'node:path';
import { loadConfig, requireValid } from '../../config/config-load.ts';
import type { Config } from '../../config/config-schema.ts';
import { usageError, type Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { withIdleDataDir } from '../idle-data-dir.ts';
import { commandLogger } from '../local-app.ts';
import { notedWork } from '../local-actor.ts';
import type { moveData } from '../../app/move/move-data.ts';
import type { CommandRegistry } from '../registry.ts';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly json?: boolean;
}
type Moved = Awaited<ReturnType<typeof moveData>>;

/** `guardian migrate-data`: an embedded installation's database to a PostgreSQL server. */
export function registerMigrateData({ cli, add, run }: CommandRegistry): void {
  add('migrate-data', cli.say('move.about'), 'guardian migrate-data --from ./data --to guardian.yaml')
    .requiredOption('--from <dir>', cli.say('opt.move_from'))
    .requiredOption('--to <file>', cli.say('opt.move_to'))
    .option('--json', cli.say('opt.json'))
    .action(run((options: Options) => moveCommand(cli, options)));
}

async function moveCommand(cli: Cli, { from, to, json }: Options): Promise<number> {
  const root = resolve(cli.cwd, from);
  const target = requireValid(loadConfig({ env: cli.env, cwd: cli.cwd, file: to }));
  if (target.store.engine !== 'postgres') throw usageError(cli.say('move.no_server', { file: to }));
  if (target.bus.engine === 'embedded' && resolve(cli.cwd, target.data_dir) !== root)
    throw usageError(cli.say('move.other_dir', { from: root, file: to }));
  const source: Config = { ...target, data_dir: root };
  let result: Moved | undefined;
  await withIdleDataDir(cli, source, async (dir) => {
    const { moveData: work } = await import('../../app/move/move-data.ts');
    const done: Record<string, number> = {};
    result = await notedWork(cli, source, {
      verb: 'data.move',
      root: dir.root,
      work: () =>
        work({
          ...{ dir, from: source, to: target, clock: cli.clock, log: commandLogger(cli) },
          onPage: ({ table, rows }) => {
            done[table] = (done[table] ?? 0) + rows;
            if (cli.stderr.isTTY === true) cli.note(cli.say('move.page', { table, n: done[table] }));
          },
        }),
      arguments: ({ tables, same }) => ({ rows: tables.reduce((sum, table) => sum + table.to, 0), same }),
    });
  });
  return report(cli, result as unknown as Moved, json === true);
}

/** 0: all is there; 1: a table is not the same. */
function report(cli: Cli, { tables, raw, same }: Moved, json: boolean): number {
  if (json) cli.print(JSON.stringify({ same, raw, tables }, null, 2));
  else {
    for (const { table, from, to, same: isSame } of tables)
      if (from > 0 || !isSame) cli.print(cli.say(isSame ? 'move.same' : 'move.differs', { table, from, to }));
    if (raw !== null) cli.print(cli.say('move.raw', { n: raw.transactions, missing: raw.missing }));
    cli.print(cli.say(same ? 'move.done' : 'move.failed'));
    if (same && raw !== null) cli.print(cli.say('move.kafka'));
    if (same && (raw?.deadLetters ?? 0) > 0) cli.print(cli.say('move.dead_letters', { n: raw?.deadLetters ?? 0 }));
  }
  return same ? EXIT.ok : EXIT.failed;
}
