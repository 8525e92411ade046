import { rm } from 'node:fs/promises';
import { prepareDataDir } from '../../app/data-dir.ts';
import { lockDataDir } from '../../app/data-dir-lock.ts';
import { GuardianError } from '../../errors.ts';
import type { Cli } from '../cli.ts';
import { commandLogger, quiet, settledConfig, startHere } from '../local-app.ts';
import type { Registry } from '../program.ts';
import { createProgress } from '../progress.ts';
import { configuredServer } from '../running-server.ts';

/** `guardian rebuild`: the log is the truth, so the database can be thrown away and counted again. */
export function registerRebuild({ cli, add, run }: Registry): void {
  add('rebuild', cli.say('rebuild.about'), 'guardian rebuild').action(run(() => rebuildCommand(cli)));
}

async function rebuildCommand(cli: Cli): Promise<number> {
  const config = settledConfig(cli, cli.config());
  const running = configuredServer(cli.cwd, config);
  if (running !== undefined) throw new GuardianError('APP_ALREADY_RUNNING', cli.say('rebuild.running', { url: running.url }));
  const dir = await prepareDataDir(config.data_dir);
  const lock = lockDataDir(dir.root, process.pid);
  try {
    await rm(dir.database, { recursive: true, force: true });
  } finally {
    lock.release();
  }
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
