import { createHash, createHmac, randomBytes as systemRandomBytes, timingSafeEqual } from 'node:crypto';
import type { AccessKeys } from '../auth/sign-in.ts';
import { createPairingCodes } from '../auth/pairing-code.ts';
import type { SharedSessions } from '../auth/shared-sessions.ts';
import type { Clock } from '../clock.ts';

/** Lifetimes, milliseconds. A session lasts one night shift. */
export const LINK_TTL_MS = 15 * 60_000;
export const SESSION_TTL_MS = 12 * 3_600_000;
export const SESSION_COOKIE = 'guardian_session';

export type RandomBytes = (size: number) => Uint8Array;

/** A token that was signed here and is still in time. `expiresAt`: epoch milliseconds. */
export interface SignedToken {
  readonly nonce: string;
  readonly expiresAt: number;
  /** Id of the person whom it was made for; null: for nobody in particular. */
  readonly person: string | null;
}

/** What names a session and says nothing of its cookie. */
export const sessionId = ({ nonce }: Pick<SignedToken, 'nonce'>): string => createHash('sha256').update(nonce).digest('hex').slice(0, 12);

/** Signs and checks tokens of one purpose. */
export interface LinkSigner {
  /** A new token; it is good for `ttlMs` (default 15 minutes). */
  mint(ttlMs?: number, person?: string): string;
  /** The ticket of a token, null when it is forged, damaged or out of date. Does not know whether it was used. */
  verify(token: string): SignedToken | null;
}

/** Signs the tokens of console links (`/?token=...`) with the secret of the installation, so that another process with the
 *  same secret (`guardian link`) can make one too. */
export function createLinkSigner(secret: Uint8Array, clock: Clock, randomBytes: RandomBytes = systemRandomBytes): LinkSigner {
  return createSigner('link', LINK_TTL_MS, secret, clock, randomBytes);
}

function createSigner(purpose: string, defaultTtlMs: number, secret: Uint8Array, clock: Clock, randomBytes: RandomBytes): LinkSigner {
  const signature = (payload: string): string => createHmac('sha256', secret).update(`${purpose}:${payload}`).digest('base64url');
  return {
    mint(ttlMs = defaultTtlMs, person) {
      const of = person === undefined ? '' : `.${person}`;
      const payload = `${(clock.now() + ttlMs).toString(36)}.${Buffer.from(randomBytes(16)).toString('base64url')}${of}`;
      return `${payload}.${signature(payload)}`;
    },
    verify(token) {
      const parts = token.split('.');
      if (token.length > 200 || parts.length < 3 || parts.length > 4 || parts.includes('')) return null;
      const given = parts.pop() ?? '';
      const [expiry = '', nonce = '', person = null] = parts;
      const expected = Buffer.from(signature(parts.join('.')));
      const actual = Buffer.from(given);
      if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null;
      const expiresAt = Number.parseInt(expiry, 36);
      return expiresAt > clock.now() ? { nonce, expiresAt, person } : null;
    },
  };
}

/** Browser sessions: a link is exchanged once for a cookie. */
export interface Sessions extends AccessKeys {
  /** Value of the session cookie for a link token, null when the token is not good or was used before. */
  exchange(token: string): Promise<string | null>;
  /** The session of a `Cookie` header; null without one. */
  check(cookieHeader: string | undefined): SignedToken | null;
  /** Ends the session of a `Cookie` header for good, whoever kept a copy of the cookie. */
  end(cookieHeader: string | undefined): void;
  /** Calls `onEnd` when that session is ended or out of date. Returns what stops the watch. */
  watch(session: SignedToken, onEnd: () => void): () => void;
  /** Ends sessions that another process has ended. */
  learnEnded(ended: ReadonlyMap<string, number>): void;
  /** A link token for the address that is printed at start. */
  mintLink(): string;
}

/** Sessions that were ended before their time: id (earlier: nonce) to the time when their cookies are out of date anyway. */
export interface EndedSessions {
  readonly known: ReadonlyMap<string, number>;
  /** Stores all of them. */
  keep(ended: ReadonlyMap<string, number>): void;
}

/** Before the id of a personal link, which no other token has. */
const PERSONAL = 'p-';

const FORGETFUL: EndedSessions = { known: new Map(), keep: () => undefined };

export interface SessionsOptions {
  readonly randomBytes?: RandomBytes;
  /** Default: in memory only. */
  readonly ended?: EndedSessions;
  /** What all API processes of the installation know; default: this one is alone. */
  readonly shared?: SharedSessions | undefined;
}

/** Makes the sessions of one server. Sessions survive a restart (they are signed, not stored). Links survive it where `shared` knows the
 *  used ones; a process that is alone, or that gets no answer, refuses those of an earlier one. */
export function createSessions(
  secret: Uint8Array,
  clock: Clock,
  { randomBytes = systemRandomBytes, ended = FORGETFUL, shared }: SessionsOptions = {},
): Sessions {
  const links = createLinkSigner(secret, clock, randomBytes);
  const cookies = createSigner('session', SESSION_TTL_MS, secret, clock, randomBytes);
  const used = new Map<string, number>();
  const over = new Map(ended.known);
  const listeners = new Set<(nonce: string) => void>();
  const startedAt = clock.now();
  const check = (cookieHeader: string | undefined): SignedToken | null => {
    const value = cookieHeader === undefined ? undefined : cookieValue(cookieHeader);
    const ticket = value === undefined ? null : cookies.verify(value);
    return ticket === null || over.has(ticket.nonce) || over.has(sessionId(ticket)) ? null : ticket;
  };
  const learnEnded = (found: ReadonlyMap<string, number>): void => {
    const news = [...found].filter(([id]) => !over.has(id));
    if (news.length === 0) return;
    for (const [one, until] of over) if (until <= clock.now()) over.delete(one);
    for (const [id, expiresAt] of news) over.set(id, expiresAt);
    ended.keep(over);
    for (const [id] of news) for (const listener of listeners) listener(id);
  };
  const endById = (id: string, expiresAt: number): void => {
    learnEnded(new Map([[id, expiresAt]]));
    // The others read it in the database where this does not arrive.
    shared?.end(id, expiresAt).catch(() => undefined);
  };
  /** Whether nobody has used this link before. */
  const isFirst = async ({ nonce, expiresAt }: SignedToken): Promise<boolean> => {
    const isOfThisRun = expiresAt >= startedAt + LINK_TTL_MS;
    return shared === undefined ? isOfThisRun : shared.useLink(nonce, expiresAt).catch(() => isOfThisRun);
  };
  const linkSignature = (id: string): Buffer => createHmac('sha256', secret).update(`personal-link:${id}`).digest();
  return {
    mintLink: () => links.mint(),
    async exchange(token) {
      const ticket = links.verify(token);
      if (ticket === null || used.has(ticket.nonce)) return null;
      for (const [nonce, expiresAt] of used) if (expiresAt <= clock.now()) used.delete(nonce);
      used.set(ticket.nonce, ticket.expiresAt);
      return (await isFirst(ticket)) ? cookies.mint() : null;
    },
    check,
    end(cookieHeader) {
      const ticket = check(cookieHeader);
      if (ticket !== null) endById(sessionId(ticket), ticket.expiresAt);
    },
    endById,
    learnEnded,
    ...createPairingCodes(secret),
    linkToken: (id) => `${PERSONAL}${id}.${linkSignature(id).toString('base64url')}`,
    linkId(token) {
      const [id = '', given = '', ...more] = token.startsWith(PERSONAL) ? token.slice(PERSONAL.length).split('.') : [];
      const [expected, actual] = [linkSignature(id), Buffer.from(given, 'base64url')];
      const isOurs = more.length === 0 && actual.length === expected.length && timingSafeEqual(actual, expected);
      return isOurs && id !== '' ? id : null;
    },
    openFor(person) {
      const cookie = cookies.mint(SESSION_TTL_MS, person ?? undefined);
      const ticket = cookies.verify(cookie);
      return { cookie, id: sessionId({ nonce: ticket?.nonce ?? '' }), expiresAt: ticket?.expiresAt ?? 0 };
    },
    watch(session, onEnd) {
      const id = sessionId(session);
      const { expiresAt } = session;
      const listener = (ended: string): void => {
        if (ended === id) onEnd();
      };
      listeners.add(listener);
      const timer = setTimeout(onEnd, Math.max(0, expiresAt - clock.now())).unref();
      return () => {
        clearTimeout(timer);
        listeners.delete(listener);
      };
    },
  };
}

function cookieValue(header: string): string | undefined {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === SESSION_COOKIE) return value;
  }
  return undefined;
}

/** The `Set-Cookie` value that opens a session, or ends it when `value` is ''. Not readable by scripts, never sent along
 *  from other sites. */
export function sessionCookie(value: string): string {
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${value === '' ? 0 : SESSION_TTL_MS / 1000}`;
}
