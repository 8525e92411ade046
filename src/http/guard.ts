import { isIP } from 'node:net';
import {
  CLAIMED_NAME_HEADER,
  IDENTITY_HEADER,
  MAX_CLAIMED_NAME,
  SCOPES,
  type Actor,
  type Scope,
} from '@transaction-guardian/contracts/actor.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import type { FastifyRequest } from 'fastify';
import { channelOf, personActor, unnamedActor, type Directory } from '../auth/directory.ts';
import type { ServiceToken } from '../auth/service-token.ts';
import type { UnknownSender } from '../auth/unknown-senders.ts';
import type { ErrorCode } from '../errors.ts';
import { sessionId, type Sessions, type SignedToken } from './auth.ts';
import { isForwarded } from './forwarded.ts';

/** Who may come in. */
export interface GuardDeps {
  readonly sessions: Sessions;
  readonly directory: Directory;
  readonly token: ServiceToken;
}

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
  /** Scope that the actor lacks. */
  readonly scope?: Scope;
  /** Set for a sender that is nobody's identity. */
  readonly unknown?: UnknownSender;
}

/** Who makes a request; null on a route that needs nobody. Or why it may not go on. */
export type Admission = { readonly actor: Actor | null } | { readonly denial: Denial };

/** What a route asks of its caller: a scope, `act` for somebody with a role, or null where it is public. */
export type Needed = Scope | 'act' | null;

/** Makes the check of the embedded mode: identifies who makes a request, or refuses it.
 *  - The host name must be ours, so that a page cannot reach us under a name of its own (DNS rebinding).
 *  - A program with the service token acts for the person whose identity it names, or in its own name.
 *  - A browser's request from another origin is refused.
 *  - A program on this machine needs no session to look and to send data where `trustLocal` says so; it does to act, and so do
 *    browsers, other machines and what comes through a proxy for everything. */
export function createGuard(deps: GuardDeps, options: GuardOptions): (request: FastifyRequest, needed: Needed) => Admission {
  const { sessions, directory, token } = deps;
  const isOurs = createHostCheck(new Set(['localhost', ...options.hosts.map((host) => host.toLowerCase())]));
  const localActorAt = createLocalActors();
  const identify = (request: FastifyRequest): Admission => {
    const { headers } = request;
    if (!isOurs(headers.host)) return denied('AUTH_FORBIDDEN', 'host');
    const site = headers['sec-fetch-site'];
    const isBrowser = headers.origin !== undefined || site !== undefined;
    if (headers.origin !== undefined && !isSameOrigin(headers.origin, headers.host)) return denied('AUTH_FORBIDDEN', 'origin');
    const given = bearerOf(headers.authorization);
    if (given !== null) return token.matches(given) ? serviceAdmission(request, directory) : { actor: null };
    const address = options.trustLocal && !isBrowser ? localAddress(request) : null;
    if (address !== null) return { actor: localActorAt(address, claimedName(request)) };
    const isForeign = site === 'cross-site' || site === 'same-site';
    if (isForeign && !(headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET')) return denied('AUTH_FORBIDDEN', 'origin');
    const session = sessions.check(headers.cookie);
    return { actor: session === null ? null : sessionActor(session, request, directory) };
  };
  return (request, needed) => {
    const admission = identify(request);
    if (needed === null || 'denial' in admission) return admission;
    const { actor } = admission;
    if (actor === null) return denied('AUTH_REQUIRED', bearerOf(request.headers.authorization) === null ? undefined : 'token');
    if (needed === 'act') return actor.role === null ? denied('AUTH_REQUIRED', 'act') : admission;
    return actor.scopes.includes(needed) ? admission : { denial: { code: 'AUTH_SCOPE', scope: needed } };
  };
}

const denied = (code: ErrorCode, wording?: string): Admission => ({ denial: { code, ...(wording === undefined ? {} : { wording }) } });

/** The token of an `Authorization` header; null without one of this kind. */
function bearerOf(header: string | undefined): string | null {
  return header === undefined ? null : (/^bearer +(\S+)$/i.exec(header)?.[1] ?? null);
}

/** A program with the service token: for a person, for whoever uses the command line, or in its own name. */
function serviceAdmission(request: FastifyRequest, directory: Directory): Admission {
  const [address, messageId] = [addressOf(request), messageIdOf(request)];
  const identity = request.headers[IDENTITY_HEADER];
  if (typeof identity !== 'string') {
    const common = { id: 'service', kind: 'service', name: 'service token', claimed_name: null, channel: 'api', address } as const;
    return { actor: { ...common, scopes: SCOPES, role: 'admin', message_id: messageId } };
  }
  const channel = channelOf(identity);
  const person = directory.person(identity);
  if (person !== null) return { actor: { ...personActor(person, { channel, address, messageId }), claimed_name: claimedName(request) } };
  if (channel === 'cli') return { actor: { ...localActor(address, claimedName(request)), channel, role: 'admin', message_id: messageId } };
  return { denial: { code: 'AUTH_UNKNOWN', unknown: { identity, channel, address, messageId } } };
}

/** Whoever has a session of the console: the person it was opened for, or who `console` is configured for. Else it is an actor
 *  of its own, whose id reveals nothing about the cookie. Null: the person is configured no more. */
export function sessionActor(ticket: SignedToken, request: FastifyRequest, directory: Directory): Actor | null {
  const origin = { channel: 'console', address: addressOf(request), messageId: messageIdOf(request) } as const;
  const person = ticket.person === null ? directory.person('console') : directory.byId(ticket.person);
  if (person !== null) return personActor(person, origin);
  if (ticket.person !== null) return null;
  return unnamedActor(sessionId(ticket), origin);
}

function localActor(address: string | null, claimed: string | null): Actor {
  const common = { id: LOCAL_ACTOR, kind: 'local', name: 'local program', channel: 'local', address } as const;
  return { ...common, claimed_name: claimed, scopes: SCOPES, role: null, message_id: null };
}

/** Makes the actor of programs on this machine, which is the same one as long as they come from one address and name nobody. */
function createLocalActors(): (address: string, claimed: string | null) => Actor {
  let last: Actor | undefined;
  return (address, claimed) => {
    if (claimed === null && last?.address === address) return last;
    const actor = localActor(address, claimed);
    if (claimed === null) last = actor;
    return actor;
  };
}

/** What the caller calls this act, so that a repeat is known: `Idempotency-Key`. */
function messageIdOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  return typeof key === 'string' && key.trim() !== '' ? key.trim() : null;
}

/** The name in the header; null without one that can be shown. */
function claimedName({ headers }: FastifyRequest): string | null {
  const header = headers[CLAIMED_NAME_HEADER];
  if (typeof header !== 'string') return null;
  try {
    const name = decodeURIComponent(header).normalize('NFC').trim();
    return name === '' || name.length > MAX_CLAIMED_NAME || /[\p{C}\p{Zl}\p{Zp}]/u.test(name) ? null : name;
  } catch {
    return null;
  }
}

const addressOf = (request: FastifyRequest): string | null => request.socket.remoteAddress ?? null;

/** The check of one set of names, which nearly always sees the same header again. */
function createHostCheck(names: ReadonlySet<string>): (header: string | undefined) => boolean {
  let last: string | undefined;
  let isOurs = false;
  return (header) => {
    if (header === undefined || header !== last) [last, isOurs] = [header, isOurHost(header, names)];
    return isOurs;
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

/** Address of a program on this machine; null for any other caller. */
function localAddress(request: FastifyRequest): string | null {
  const address = request.socket.remoteAddress ?? '';
  const isLoopback = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
  return isLoopback && !isForwarded(request.headers) ? address : null;
}
