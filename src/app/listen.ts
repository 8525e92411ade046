import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config-schema.ts';
import { GuardianError, messageOf } from '../errors.ts';

/** Names under which the server may be asked for, besides `localhost` and IP addresses. Pure. */
export function hostNames({ http, alert }: Pick<Config, 'http' | 'alert'>): readonly string[] {
  const external = alert.external_url;
  return [http.host, ...http.hosts, ...(external !== undefined && URL.canParse(external) ? [new URL(external).hostname] : [])];
}

/** Opens the port and returns the base address. Throws APP_PORT_IN_USE. */
export async function listen(server: FastifyInstance, { host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new GuardianError(
        'APP_PORT_IN_USE',
        `Port ${port} on ${host} is taken: stop the program that has it, or choose another with --http.port or GUARDIAN_HTTP_PORT.`,
        {
          cause: error,
          data: { host, port },
        },
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
      throw new GuardianError(
        'APP_PORT_IN_USE',
        `${host}:${port} cannot be opened (${messageOf(error)}): choose another with --http.host and --http.port.`,
        { cause: error },
      );
    }
    throw error;
  }
}

const IDLE_LOOK_MS = 50;

/** Lets requests in hand finish, then closes. A connection that falls idle after the close has begun would be kept for a
 *  further request, for longer than a stop may take: it is closed. */
export async function stopListening(server: FastifyInstance): Promise<void> {
  const timer = setInterval(() => server.server.closeIdleConnections(), IDLE_LOOK_MS);
  try {
    await server.close();
  } finally {
    clearInterval(timer);
  }
}
