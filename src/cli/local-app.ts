import type { App, AppDeps, StartOptions } from '../app/app.ts';
import { resolve } from 'node:path';
import type { Config } from '../config/config-schema.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Logger } from 'pino';
import type { Cli } from './cli.ts';
import { configuredServer } from './running-server.ts';
import { createServerClient, type ServerClient } from './server-client.ts';

/** A logger for a command: warnings and worse, on standard error, so that results can be piped. */
export function commandLogger(cli: Cli): Logger {
  return createLogger({ level: 'warn', pretty: false, stream: { write: (line: string) => void cli.stderr.write(line) } });
}

/** Starts the program in this process. Its code is loaded only now, so that small commands stay quick. */
export async function startHere(config: Config, deps: AppDeps, options?: StartOptions): Promise<App> {
  const { startApp } = await import('../app/app.ts');
  return startApp(config, deps, options);
}

/** The configuration with an absolute data directory, for a program that runs inside a command. */
export function settledConfig(cli: Cli, config: Config): Config {
  return { ...config, data_dir: resolve(cli.cwd, config.data_dir) };
}

/** The log of a program inside a command goes nowhere but for errors: standard output is for results. */
export function quiet(config: Config): Config {
  return { ...config, log: { level: 'error', pretty: false } };
}

/** Calls `work` with the server at `url`, with the one that runs on the data directory, or, when there is none, with the
 *  program started in this process on a free port of this machine and stopped afterwards. */
export async function withServer<T>(
  cli: Cli,
  config: Config,
  url: string | undefined,
  work: (client: ServerClient) => Promise<T>,
): Promise<T> {
  const running = url ?? configuredServer(cli.cwd, config)?.url;
  if (running !== undefined) return work(createServerClient(cli, running.replace(/\/+$/, '')));
  cli.note(cli.say('import.booting'));
  const settled = settledConfig(cli, config);
  const here = quiet({ ...settled, http: { ...settled.http, host: '127.0.0.1', port: 0 } });
  const app = await startHere(here, { clock: cli.clock, log: commandLogger(cli) });
  try {
    return await work(createServerClient(cli, app.address));
  } finally {
    await app.stop();
  }
}
