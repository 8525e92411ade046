import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { ErrorCode } from '../errors.ts';
import type { Sessions } from './auth.ts';
import { isForwarded } from './forwarded.ts';

export interface GuardOptions {
  /** Host names that this server answers to besides `localhost` and IP addresses. */
  readonly hosts: readonly string[];
  /** A program on this machine needs no session. */
  readonly trustLocal: boolean;
}

/** Why a request may not go on; `wording` picks the text. */
export interface Denial {
  readonly code: ErrorCode;
  readonly wording?: string;
}

/** Makes the check of the embedded mode, null when the request may go on. `isPublic`: the route needs no session.
 *  - The host name must be ours, so that a page cannot reach us under a name of its own (DNS rebinding).
 *  - A browser's request from another origin is refused.
 *  - A program on this machine needs no session where `trustLocal` says so; browsers, other machines and what comes through a
 *    proxy do. */
export function createGuard(sessions: Sessions, options: GuardOptions): (request: FastifyRequest, isPublic: boolean) => Denial | null {
  const names = new Set(['localhost', ...options.hosts.map((host) => host.toLowerCase())]);
  return (request, isPublic) => {
    const { headers } = request;
    if (!isOurHost(headers.host, names)) return { code: 'AUTH_FORBIDDEN', wording: 'host' };
    const site = headers['sec-fetch-site'];
    const isBrowser = headers.origin !== undefined || site !== undefined;
    if (options.trustLocal && !isBrowser && isLocalProgram(request)) return null;
    if (headers.origin !== undefined && !isSameOrigin(headers.origin, headers.host)) return { code: 'AUTH_FORBIDDEN', wording: 'origin' };
    const isForeign = site === 'cross-site' || site === 'same-site';
    if (isForeign && !(headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET'))
      return { code: 'AUTH_FORBIDDEN', wording: 'origin' };
    if (isPublic || sessions.check(headers.cookie) !== null) return null;
    return { code: 'AUTH_REQUIRED' };
  };
}

function isOurHost(header: string | undefined, names: ReadonlySet<string>): boolean {
  if (header === undefined) return false;
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(header);
  if (match === null) return false;
  const [, six, name = ''] = match;
  return six === undefined ? isIP(name) === 4 || names.has(name.toLowerCase()) : isIP(six) === 6;
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

function isLocalProgram(request: FastifyRequest): boolean {
  const address = request.socket.remoteAddress ?? '';
  const isLoopback = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
  return isLoopback && !isForwarded(request.headers);
}
