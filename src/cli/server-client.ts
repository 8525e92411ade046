import { API_BASE } from '../http/api-paths.ts';
import { CLAIMED_NAME_HEADER, IDENTITY_HEADER } from '@transaction-guardian/contracts/actor.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { GuardianError, isGuardianError, failureOf } from '../errors.ts';
import type { Cli } from './cli.ts';
import { userName } from './local-actor.ts';
import { findServerKey } from './server-key.ts';

export interface ServerRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Shows the token at once: the route answers everybody, and more to those who may act. */
  readonly withToken?: boolean;
}

/** Speaks HTTP with a server of ours. */
export interface ServerClient {
  readonly url: string;
  /** The JSON of a route. Throws like `request`. */
  get<T>(path: string): Promise<T>;
  /** Sends a request and gives a good response. Throws CLI_SERVER_UNREACHABLE (retryable) when nobody answers, CLI_SERVER_REFUSED
   *  for any other answer (retryable for 5xx and 429), `data.status` says which. */
  request(path: string, init: ServerRequest): Promise<Response>;
  /** Sends JSON and gives the JSON of the answer. Throws like `request`. */
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>;
}

/** Makes a client of the server at `url` (without a slash at the end). To act, and at a server that trusts no local program, it
 *  shows the service token of the data directory, where this user may read it. */
export function createServerClient(cli: Cli, url: string): ServerClient {
  let token: string | null | undefined;
  const common = { 'accept-language': cli.locale, [CLAIMED_NAME_HEADER]: encodeURIComponent(userName() ?? '') };

  async function ask(path: string, init: ServerRequest): Promise<Response> {
    const key = typeof token === 'string' ? { authorization: `Bearer ${token}`, [IDENTITY_HEADER]: 'cli' } : {};
    try {
      return await fetch(`${url}${API_BASE}${path}`, { ...init, headers: { ...common, ...key, ...init.headers } });
    } catch (error) {
      if (cli.signal.aborted) throw error;
      throw new GuardianError('CLI_SERVER_UNREACHABLE', cli.say('error.server', { url, message: failureOf(error) }), {
        retryable: true,
        cause: error,
      });
    }
  }

  async function findToken(): Promise<void> {
    try {
      token = (await findServerKey(cli, url))?.token ?? null;
    } catch (error) {
      if (!isGuardianError(error, 'APP_DATA_DIR')) throw error;
      token = null;
    }
  }

  const request: ServerClient['request'] = async (path, init) => {
    if (init.withToken === true && token === undefined) await findToken();
    let response = await ask(path, init);
    if (response.status === 401 && token === undefined) {
      await findToken();
      if (token !== null) response = await ask(path, init);
    }
    if (response.ok) return response;
    const body: unknown = await response.json().catch(() => undefined);
    const problem = (body ?? {}) as Partial<Problem>;
    const details = (problem.errors ?? []).map((error) => `${error.field}: ${error.message}`);
    const message = [problem.detail ?? problem.title ?? response.statusText, ...details].join(' ');
    throw new GuardianError('CLI_SERVER_REFUSED', cli.say('error.server_said', { status: String(response.status), message }), {
      retryable: response.status >= 500 || response.status === 429,
      data: { status: response.status, body },
    });
  };
  return {
    url,
    request,
    get: async <T>(path: string) => (await (await request(path, { signal: cli.signal })).json()) as T,
    send: async <T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
      const content = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      return (await (await request(path, { method, signal: cli.signal, ...content })).json()) as T;
    },
  };
}
