import type { Config } from '../config/config-schema.ts';
import { prepareDataDir, type DataDir } from '../app/data-dir.ts';
import { lockDataDir } from '../app/data-dir-lock.ts';
import { GuardianError } from '../errors.ts';
import type { Cli } from './cli.ts';
import { configuredServer } from './running-server.ts';

/** Works on a data directory that no server uses, and keeps others out meanwhile. Throws APP_ALREADY_RUNNING. */
export async function withIdleDataDir(cli: Cli, config: Config, work: (dir: DataDir) => Promise<void>): Promise<void> {
  const running = configuredServer(cli.cwd, config);
  if (running !== undefined) throw new GuardianError('APP_ALREADY_RUNNING', cli.say('rebuild.running', { url: running.url }));
  const dir = await prepareDataDir(config.data_dir);
  const lock = lockDataDir(dir.root, process.pid);
  try {
    await work(dir);
  } finally {
    lock.release();
  }
}
