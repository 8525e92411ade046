import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hasLog } from '../app/repair-log.ts';
import type { Config } from '../config/config-schema.ts';
import { prepareDataDir, type DataDir } from '../app/data-dir.ts';
import { lockDataDir } from '../app/data-dir-lock.ts';
import { GuardianError } from '../errors.ts';
import type { Cli } from './cli.ts';
import { configuredServer } from './running-server.ts';

/** Works on the configured database: the one on a server, which others may use meanwhile, or that of an idle data directory. Throws as
 *  `withIdleDataDir` does for the second. */
export async function withConfiguredDatabase<T>(
  cli: Cli,
  config: Config,
  work: (dir: Pick<DataDir, 'database'>) => Promise<T>,
): Promise<T> {
  return config.store.engine === 'postgres' ? work({ database: resolve(config.data_dir, 'database') }) : withIdleDataDir(cli, config, work);
}

/** Works on the data directory of a server that does not run, and keeps others out meanwhile. Throws APP_ALREADY_RUNNING, and
 *  APP_DATA_DIR where no server has kept a log: a directory whose name was mistyped is not made. */
export async function withIdleDataDir<T>(cli: Cli, config: Config, work: (dir: DataDir) => Promise<T>): Promise<T> {
  const running = configuredServer(cli.cwd, config);
  if (running !== undefined) throw new GuardianError('APP_ALREADY_RUNNING', cli.say('rebuild.running', { url: running.url }));
  await refuseWithoutLog(cli, config);
  const dir = await prepareDataDir(config.data_dir);
  const lock = lockDataDir(dir.root, process.pid);
  try {
    return await work(dir);
  } finally {
    lock.release();
  }
}

/** Throws APP_DATA_DIR where no server has kept a log; with the log on brokers, where none has kept a database. */
export async function refuseWithoutLog(cli: Cli, config: Config): Promise<void> {
  const root = resolve(config.data_dir);
  if (config.bus.engine === 'kafka') {
    if (!existsSync(join(root, 'database'))) throw new GuardianError('APP_DATA_DIR', cli.say('error.no_database', { path: root }));
  } else if (!(await hasLog({ bus: join(root, 'bus') }))) throw new GuardianError('APP_DATA_DIR', cli.say('error.no_log', { path: root }));
}

/** Throws APP_DATA_DIR where the log is on brokers: what a command does with the log of a data directory is then done there. */
export function refuseLogOnBrokers(cli: Cli, { bus }: Config): void {
  if (bus.engine === 'kafka') throw new GuardianError('APP_DATA_DIR', cli.say('error.log_on_brokers'));
}
