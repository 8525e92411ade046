import { setTimeout as sleep } from 'node:timers/promises';
import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { Config } from '../config/config-schema.ts';
import { isGuardianError } from '../errors.ts';
import type { Cli } from './cli.ts';
import { configuredServer } from './running-server.ts';
import { createServerClient, type ServerClient } from './server-client.ts';

/** IANA zone of the times of a server; that of the own configuration for one that does not say. Throws like
 *  `client.get`. */
export async function zoneOfServer(client: ServerClient, config: Config): Promise<string> {
  return (await client.get<Stats>('/stats')).time_zone ?? config.time_zone;
}

/** A start that rebuilds its state may take this long, with a look at each `LOOK_MS`. */
const STARTS_WITHIN_MS = 120_000;
const LOOK_MS = 500;

/** The configuration with the zone of the server at `url`, or of the one that runs on the data directory: a command and its
 *  server must read the same local time alike. Waits for a server that is starting. Unchanged where none runs. Throws
 *  CLI_SERVER_UNREACHABLE, CLI_SERVER_REFUSED. */
export async function inZoneOfServer(cli: Cli, config: Config, url: string | undefined): Promise<Config> {
  const running = url ?? configuredServer(cli.cwd, config)?.url;
  if (running === undefined) return config;
  const client = createServerClient(cli, running.replace(/\/+$/, ''));
  const until = performance.now() + STARTS_WITHIN_MS;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return { ...config, time_zone: await zoneOfServer(client, config) };
    } catch (error) {
      if (!isStarting(error) || performance.now() > until || cli.signal.aborted) throw error;
      if (isFirst) cli.note(cli.say('server.starting'));
      await sleep(LOOK_MS, undefined, { signal: cli.signal }).catch(() => undefined);
    }
  }
}

function isStarting(error: unknown): boolean {
  if (!isGuardianError(error, 'CLI_SERVER_REFUSED')) return false;
  const body = error.data?.['body'];
  return typeof body === 'object' && body !== null && 'code' in body && body.code === 'APP_STARTING';
}
