import type { FastifyRequest } from 'fastify';
import type { Access } from '../auth/access.ts';
import type { Directory } from '../auth/directory.ts';
import type { PendingActs } from '../auth/pending-acts.ts';
import { SESSION_COOKIE, sessionId, type Sessions } from './auth.ts';
import { sessionActor } from './guard.ts';

export interface SessionDeps {
  readonly sessions: Sessions;
  readonly directory: Directory;
  /** Redeems the links and codes of people. */
  readonly access: Pick<Access, 'redeem' | 'redeemCode'>;
  /** Notes that a link of the server is used, where other servers take the same ones; false when it was before. Default: this server knows by
   *  itself. */
  readonly claimLink?: ((token: string) => Promise<boolean>) | undefined;
  /** Notes sessions that are opened and ended while the database may not be there yet. */
  readonly pending: PendingActs;
}

/** The cookie value for a link token, of a person or of the server; null when the link is not good. Opening is audited. Throws
 *  STORE_UNAVAILABLE for a personal link. */
export async function openSession(
  { sessions, directory, access, claimLink, pending }: SessionDeps,
  request: FastifyRequest,
  token: string,
): Promise<string | null> {
  const personal = await access.redeem(token, request.socket.remoteAddress ?? null);
  if (personal !== null) return personal;
  const cookie = await sessions.exchange(token);
  if (cookie !== null && claimLink !== undefined && !(await claimLink(token))) return null;
  const ticket = cookie === null ? null : sessions.check(`${SESSION_COOKIE}=${cookie}`);
  const actor = ticket === null ? null : sessionActor(ticket, request, directory);
  if (ticket !== null && actor !== null)
    pending.note({ actor, verb: 'session.open', arguments: { session: sessionId(ticket), expires_at: ticket.expiresAt } });
  return cookie;
}

/** Ends the session of a request, if it has one. */
export function closeSession({ sessions, directory, pending }: SessionDeps, request: FastifyRequest): void {
  const ticket = sessions.check(request.headers.cookie);
  if (ticket === null) return;
  sessions.end(request.headers.cookie);
  const actor = sessionActor(ticket, request, directory);
  if (actor !== null)
    pending.note({ actor: { ...actor, message_id: null }, verb: 'session.end', arguments: { session: sessionId(ticket) } });
}

/** Programs of chats that look at every link that somebody posts. */
const PREVIEWS = /bot\b|facebookexternalhit|whatsapp|slackbot|telegrambot|discordbot|skypeuripreview|preview/i;

/** Whether a request only looks at what a link shows: such a look must not use a link up. */
export function isPreview({ method, headers }: FastifyRequest): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'];
  return method !== 'GET' || PREVIEWS.test(headers['user-agent'] ?? '') || (typeof purpose === 'string' && purpose.includes('prefetch'));
}
