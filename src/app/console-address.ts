import type { Config } from '../config/config-schema.ts';

/** Where the console of this process is; unknown while the port is left to the system. */
export function consoleAddress({ http: { host, port } }: Config): string | undefined {
  return port === 0 ? undefined : `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
