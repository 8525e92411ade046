import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { CLAIMED_NAME_HEADER, MAX_CLAIMED_NAME, SCOPES, type Actor, type Scope } from '@transaction-guardian/contracts/actor.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import type { FastifyRequest } from 'fastify';
import type { ErrorCode } from '../errors.ts';
import type { Sessions, Ticket } from './auth.ts';
import { isForwarded } from './forwarded.ts';

export interface GuardOptions {
  /** Host names that this server answers to besides `localhost` and IP addresses. */
  readonly hosts: readonly string[];
  /** A program on this machine needs no session. */
  readonly trustLocal: boolean;
  /** What programs on this machine may do; default everything. */
  readonly localScopes?: readonly Scope[];
}

/** Why a request may not go on; `wording` picks the text. */
export interface Denial {
  readonly code: ErrorCode;
  readonly wording?: string;
  /** Scope that the actor lacks. */
  readonly scope?: Scope;
}

/** Who makes a request; null on a route that needs nobody. Or why it may not go on. */
export type Admission = { readonly actor: Actor | null } | { readonly denial: Denial };

/** What a route asks of its caller: a scope, or null where it is public. */
export type Needed = Scope | null;

/** Makes the check of the embedded mode: tells who makes a request, or why it may not go on.
 *  - The host name must be ours, so that a page cannot reach us under a name of its own (DNS rebinding).
 *  - A browser's request from another origin is refused.
 *  - A program on this machine needs no session where `trustLocal` says so; browsers, other machines and what comes through a
 *    proxy do. */
export function createGuard(sessions: Sessions, options: GuardOptions): (request: FastifyRequest, needed: Needed) => Admission {
  const names = new Set(['localhost', ...options.hosts.map((host) => host.toLowerCase())]);
  const localScopes = options.localScopes ?? SCOPES;
  const identify = (request: FastifyRequest): Admission => {
    const { headers } = request;
    if (!isOurHost(headers.host, names)) return denied('AUTH_FORBIDDEN', 'host');
    const site = headers['sec-fetch-site'];
    const isBrowser = headers.origin !== undefined || site !== undefined;
    if (options.trustLocal && !isBrowser && isLocalProgram(request)) return { actor: localActor(request, localScopes) };
    if (headers.origin !== undefined && !isSameOrigin(headers.origin, headers.host)) return denied('AUTH_FORBIDDEN', 'origin');
    const isForeign = site === 'cross-site' || site === 'same-site';
    if (isForeign && !(headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET')) return denied('AUTH_FORBIDDEN', 'origin');
    const session = sessions.check(headers.cookie);
    return { actor: session === null ? null : sessionActor(session, request) };
  };
  return (request, needed) => {
    const admission = identify(request);
    if (needed === null || 'denial' in admission) return admission;
    if (admission.actor === null) return denied('AUTH_REQUIRED');
    if (admission.actor.scopes.includes(needed)) return admission;
    return { denial: { code: 'AUTH_SCOPE', scope: needed } };
  };
}

const denied = (code: ErrorCode, wording?: string): Admission => ({ denial: { code, ...(wording === undefined ? {} : { wording }) } });

/** Whoever has a session of the console. Its id tells nothing of the cookie. */
function sessionActor({ nonce }: Ticket, request: FastifyRequest): Actor {
  const short = createHash('sha256').update(nonce).digest('hex').slice(0, 12);
  const id = `session:${short}`;
  const name = `console session ${short}`;
  const common = { id, kind: 'person', name, claimed_name: null, channel: 'console', address: addressOf(request) } as const;
  return { ...common, scopes: SCOPES, role: 'admin', message_id: null };
}

function localActor(request: FastifyRequest, scopes: readonly Scope[]): Actor {
  const claimed = claimedName(request.headers[CLAIMED_NAME_HEADER]);
  const common = { id: LOCAL_ACTOR, kind: 'local', name: 'local program', channel: 'local', address: addressOf(request) } as const;
  return { ...common, claimed_name: claimed, scopes, role: 'admin', message_id: null };
}

/** The name in the header; null without one that can be shown. */
function claimedName(header: string | readonly string[] | undefined): string | null {
  if (typeof header !== 'string') return null;
  try {
    const name = decodeURIComponent(header).normalize('NFC').trim();
    return name === '' || name.length > MAX_CLAIMED_NAME || /[\p{C}\p{Zl}\p{Zp}]/u.test(name) ? null : name;
  } catch {
    return null;
  }
}

const addressOf = (request: FastifyRequest): string | null => request.socket.remoteAddress ?? null;

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
