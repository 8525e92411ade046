import type { Logger } from 'pino';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { prepareDataDir } from './data-dir.ts';
import { openEngineOfLog } from './engines.ts';

/** Opens the durable log for a command, which deletes nothing of it; a server may have it open too. Throws APP_DATA_DIR. */
export async function openLog(config: Config, deps: { readonly clock: Clock; readonly log: Logger }): Promise<Bus> {
  const dir = await prepareDataDir(config.data_dir);
  return openEngineOfLog(config, dir, { ...deps, writer: 'inline', cleans: false });
}
