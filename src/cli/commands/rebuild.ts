import { rm } from 'node:fs/promises';
import type { DataDir } from '../../app/data-dir.ts';
import type { Config } from '../../config/config-schema.ts';
import { GuardianError, isGuardianError } from '../../errors.ts';
import { createAct, requireRole } from '../../auth/act.ts';
import type { Cli } from '../cli.ts';
import { drainedThrough } from '../drained-through.ts';
import { localActor } from '../local-actor.ts';
import { commandLogger, quiet, settledConfig, startHere } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';
import { withIdleDataDir } from '../idle-data-dir.ts';
import { createProgress } from '../progress.ts';

/** `guardian rebuild`: the log is the truth, so the database can be thrown away and counted again. What is not on the
 *  log, as the audit, goes over into the new one. */
export function registerRebuild({ cli, add, run }: CommandRegistry): void {
  add('rebuild', cli.say('rebuild.about'), 'guardian rebuild').action(run(() => rebuildCommand(cli)));
}

async function rebuildCommand(cli: Cli): Promise<number> {
  const config = settledConfig(cli, cli.config());
  const actor = localActor(config);
  requireRole(actor, 'database.rebuild');
  if (config.store.engine === 'postgres') throw new GuardianError('USAGE', cli.say('rebuild.server'));
  await withIdleDataDir(cli, config, (dir) => removeDatabase(cli, dir, config));
  const progress = createProgress(cli, cli.say('import.waiting'));
  const app = await startHere(quiet(config), { clock: cli.clock, log: commandLogger(cli) }, { listen: false });
  try {
    await drainedThrough(app, cli.signal);
    if (cli.signal.aborted) throw new GuardianError('USAGE', cli.say('interrupted'));
    const act = createAct({ database: app.database, clock: cli.clock });
    await act({ actor, verb: 'database.rebuild', arguments: {} }, async () => ({ value: null, outcome: { result: 'done' } }));
  } finally {
    await app.stop();
    progress.stop();
  }
  cli.print(cli.say('rebuild.done'));
  return 0;
}

async function removeDatabase(cli: Cli, dir: DataDir, config: Config): Promise<void> {
  const { withIdleDatabase } = await import('../../app/idle-database.ts');
  const { keepTables } = await import('../../app/kept-tables.ts');
  try {
    await withIdleDatabase(dir, { config, clock: cli.clock, log: commandLogger(cli) }, (database) => keepTables(dir.root, database));
  } catch (error) {
    // A database that nobody can read is what a rebuild is for.
    if (!isGuardianError(error, 'STORE_CORRUPT') && !isGuardianError(error, 'STORE_MIGRATION')) throw error;
    cli.print(cli.say('rebuild.audit_lost'));
  }
  await rm(dir.database, { recursive: true, force: true });
}
