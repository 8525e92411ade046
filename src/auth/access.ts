import { randomBytes } from 'node:crypto';
import type { AccessLink, AccessList, AccessSession, NewAccessLink } from '@transaction-guardian/contracts/access.ts';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Clock } from '../clock.ts';
import type { Database, Sql } from '../store/database.ts';
import { findLink, insertLink, listLinks, revokeLink, useLink, type LinkRow } from '../store/verbs/access/access-links.ts';
import { endSession, findSession, insertSession, listSessions, type SessionRow } from '../store/verbs/access/access-sessions.ts';
import type { Act, Acted } from './act.ts';
import { personActor, type Directory } from './directory.ts';
import type { PendingAct } from './pending-acts.ts';

/** A personal link is good for so long, milliseconds. */
export const PERSONAL_LINK_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;

/** Makes and reads the secrets of links and sessions. */
export interface AccessKeys {
  /** The token of the personal link with this id. */
  linkToken(id: string): string;
  /** The id of a personal link's token; null when it was not made here. */
  linkId(token: string): string | null;
  /** A cookie value for a session of a person. `expiresAt`: epoch milliseconds. */
  openFor(person: string): { readonly cookie: string; readonly id: string; readonly expiresAt: number };
  /** Ends the session with this id for good. */
  endById(id: string, expiresAt: number): void;
}

export interface AccessDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly act: Act;
  readonly directory: Directory;
  readonly keys: AccessKeys;
  /** Address of the console, without a slash at the end. */
  readonly base: () => string;
}

/** Who may open the console, by personal links and their sessions. Each act is audited. Methods throw what acting throws. */
export interface Access {
  /** A link for a person: for oneself, or, as an admin, for anybody. It opens one session, once, for 15 minutes. Null: nobody has
   *  this id. */
  mintLink(actor: Actor, personId: string): Promise<NewAccessLink | null>;
  /** The cookie of a personal link, once; null when the link is not good. */
  redeem(token: string, address: string | null): Promise<string | null>;
  /** Links and sessions: the actor's own, or everybody's for an admin. */
  list(actor: Actor): Promise<AccessList>;
  /** False: there is no such link that is still good. */
  revokeLink(actor: Actor, id: string): Promise<boolean>;
  /** False: there is no such session that is still open. */
  endSession(actor: Actor, id: string): Promise<boolean>;
}

/** Makes the desk. */
export function createAccess(deps: AccessDeps): Access {
  const { database, clock, act, directory, keys, base } = deps;
  return {
    async mintLink(actor, personId) {
      const verb = actor.id === personId ? 'link.make' : 'link.make_for_other';
      const id = await act({ actor, verb, arguments: { person: personId } }, (tx) => makeLink(tx, deps, actor, personId));
      if (id === null) return null;
      const row = await findLink(database, id);
      const expires_at = new Date(row?.expires_at ?? clock.now()).toISOString();
      return { id, person: personId, url: `${base()}/?token=${keys.linkToken(id)}`, expires_at };
    },
    async redeem(token, address) {
      const id = keys.linkId(token);
      const link = id === null ? undefined : await findLink(database, id);
      const person = link === undefined ? null : directory.byId(link.person);
      if (link === undefined || person === null || link.used_at !== null) return null;
      const actor = personActor(person, { channel: 'console', address });
      const session = keys.openFor(person.id);
      const isOpen = await act({ actor, verb: 'session.open', arguments: { session: session.id, link: link.id } }, async (tx) => {
        const at = clock.now();
        if (!(await useLink(tx, link.id, at))) return { value: false, outcome: { result: 'refused' } };
        const row = { id: session.id, actor: person.id, link: link.id, opened_at: at, expires_at: session.expiresAt, address };
        await insertSession(tx, row, at - KEPT_MS);
        return { value: true, outcome: { result: 'done' } };
      });
      return isOpen ? session.cookie : null;
    },
    async list(actor) {
      const own = actor.scopes.includes('admin') ? null : actor.id;
      const since = clock.now() - DAY_MS;
      const [links, sessions] = await Promise.all([listLinks(database, since, own), listSessions(database, since, own)]);
      return { links: links.map(shownLink), sessions: sessions.map(shownSession) };
    },
    async revokeLink(actor, id) {
      const verb = (await findLink(database, id))?.person === actor.id ? 'link.revoke' : 'link.revoke_other';
      return act({ actor, verb, arguments: { link: id } }, async (tx) => found(await revokeLink(tx, id, clock.now())));
    },
    async endSession(actor, id) {
      const session = await findSession(database, id);
      const verb = session?.actor === actor.id ? 'session.end' : 'session.end_other';
      const isEnded = await act({ actor, verb, arguments: { session: id } }, async (tx) => found(await endSession(tx, id, clock.now())));
      if (isEnded && session !== undefined) keys.endById(id, session.expires_at);
      return isEnded;
    },
  };
}

async function makeLink(tx: Sql, { clock, directory }: AccessDeps, actor: Actor, person: string): Promise<Acted<string | null>> {
  if (directory.byId(person) === null) return { value: null, outcome: { result: 'not_found' } };
  const at = clock.now();
  const id = randomBytes(12).toString('hex');
  const row = { id, person, made_by: actor.id, made_at: at, expires_at: at + PERSONAL_LINK_MS, used_at: null, revoked_at: null };
  await insertLink(tx, row, at - KEPT_MS);
  return { value: id, outcome: { result: 'done', after: { link: id, expires_at: new Date(row.expires_at).toISOString() } } };
}

/** What a session that was opened or ended without the database changes in it. */
export async function recordSession(tx: Sql, { verb, actor, at, arguments: { session, expires_at } }: PendingAct): Promise<Acted<null>> {
  if (typeof session === 'string' && verb === 'session.open' && typeof expires_at === 'number') {
    const row = { id: session, actor: actor.id, link: null, opened_at: at, expires_at, address: actor.address };
    await insertSession(tx, row, at - KEPT_MS);
  }
  if (typeof session === 'string' && verb === 'session.end') await endSession(tx, session, at);
  return { value: null, outcome: { result: 'done' } };
}

const found = (isThere: boolean): Acted<boolean> => ({ value: isThere, outcome: { result: isThere ? 'done' : 'not_found' } });

const iso = (time: number): string => new Date(time).toISOString();
const isoOrNull = (time: number | null): string | null => (time === null ? null : iso(time));

function shownLink({ made_at, expires_at, used_at, revoked_at, ...rest }: LinkRow): AccessLink {
  return { ...rest, made_at: iso(made_at), expires_at: iso(expires_at), used_at: isoOrNull(used_at), revoked_at: isoOrNull(revoked_at) };
}

function shownSession({ opened_at, expires_at, ended_at, ...rest }: SessionRow): AccessSession {
  return { ...rest, opened_at: iso(opened_at), expires_at: iso(expires_at), ended_at: isoOrNull(ended_at) };
}
