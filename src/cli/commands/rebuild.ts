import { rm } from 'node:fs/promises';
import type { Cli } from '../cli.ts';
import { commandLogger, quiet, settledConfig, startHere } from '../local-app.ts';
import type { Registry } from '../registry.ts';
import { withIdleDataDir } from '../idle-data-dir.ts';
import { createProgress } from '../progress.ts';

/** `guardian rebuild`: the log is the truth, so the database can be thrown away and counted again. */
export function registerRebuild({ cli, add, run }: Registry): void {
  add('rebuild', cli.say('rebuild.about'), 'guardian rebuild').action(run(() => rebuildCommand(cli)));
}

async function rebuildCommand(cli: Cli): Promise<number> {
  const config = settledConfig(cli, cli.config());
  await withIdleDataDir(cli, config, (dir) => rm(dir.database, { recursive: true, force: true }));
  const progress = createProgress(cli, cli.say('import.waiting'));
  const app = await startHere(quiet(config), { clock: cli.clock, log: commandLogger(cli) }, { listen: false });
  try {
    await app.drained();
  } finally {
    await app.stop();
    progress.stop();
  }
  cli.print(cli.say('rebuild.done'));
  return 0;
}
