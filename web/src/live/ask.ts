import type { Problem } from '@transaction-guardian/contracts/problem.ts';

/** An answer that was not 2xx; `status` 0 means that the server could not be reached. `code`: that of the problem. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string | undefined;
  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Speaks to the server that the page came from. Every method throws ApiError. */
export interface Ask {
  /** The JSON of `GET path`. */
  get<T>(path: string): Promise<T>;
  /** The text of `GET path`. */
  text(path: string): Promise<string>;
  /** What a request that acts is answered; undefined for 204. */
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>;
}

/** Where the API stands on the server that the page came from. */
export const API_BASE = '/api/v1';

/** Makes requests with the page's cookie, and asks for the page's language: refusals are read by people. */
export function createAsk(fetcher: typeof fetch = fetch.bind(globalThis), language = () => document.documentElement.lang): Ask {
  const request = async (path: string, init: Omit<RequestInit, 'headers'> & { headers?: Readonly<Record<string, string>> } = {}) => {
    let response: Response;
    try {
      const headers = { accept: 'application/json', 'accept-language': language(), ...init.headers };
      response = await fetcher(API_BASE + path, { credentials: 'same-origin', ...init, headers });
    } catch (error) {
      throw new ApiError(0, messageOf(error));
    }
    if (!response.ok && !(path === '/health' && response.status === 503)) throw await problemOf(response);
    return response;
  };
  const jsonOf = async <T>(response: Response): Promise<T> => (response.status === 204 ? undefined : await response.json()) as T;
  return {
    get: async (path) => jsonOf(await request(path)),
    text: async (path) => (await request(path, { headers: { accept: '*/*' } })).text(),
    send: async (method, path, body) =>
      jsonOf(
        await request(path, {
          method,
          ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        }),
      ),
  };
}

async function problemOf(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const problem = (await response.json()) as Partial<Problem>;
    const fields = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
    const said = fields.length > 0 ? fields.join('; ') : (problem.detail ?? problem.title ?? `HTTP ${status}`);
    return new ApiError(status, said, problem.code);
  } catch {
    return new ApiError(status, `HTTP ${status}`);
  }
}

/** A query string of the parameters that are set; '' for none. */
export function queryText(parameters: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}

/** What went wrong, for people. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
