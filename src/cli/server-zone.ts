import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { Config } from '../config/config-schema.ts';
import type { Cli } from './cli.ts';
import { configuredServer } from './running-server.ts';
import { createServerClient, type ServerClient } from './server-client.ts';

/** IANA zone of the times of a server; that of the own configuration for one that does not say. Throws like
 *  `client.get`. */
export async function zoneOfServer(client: ServerClient, config: Config): Promise<string> {
  return (await client.get<Stats>('/stats')).time_zone ?? config.time_zone;
}

/** The configuration with the zone of the server at `url`, or of the one that runs on the data directory: a command and its
 *  server must read the same local time alike. Unchanged where none runs. Throws CLI_SERVER_UNREACHABLE, CLI_SERVER_REFUSED. */
export async function inZoneOfServer(cli: Cli, config: Config, url: string | undefined): Promise<Config> {
  const running = url ?? configuredServer(cli.cwd, config)?.url;
  if (running === undefined) return config;
  return { ...config, time_zone: await zoneOfServer(createServerClient(cli, running.replace(/\/+$/, '')), config) };
}
