import type { AccessLink, AccessList, AccessSession } from '@transaction-guardian/contracts/access.ts';
import { nameOfId } from './directory.ts';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Sql } from '../store/database.ts';
import { findLink, listLinks, revokeLink, type LinkRow } from '../store/verbs/access/access-links.ts';
import { endSession, findSession, insertSession, listSessions, type SessionRow } from '../store/verbs/access/access-sessions.ts';
import type { Acted } from './act.ts';
import type { PendingAct } from './pending-acts.ts';
import { createSignIn, KEPT_MS, type SignIn, type SignInDeps } from './sign-in.ts';

const DAY_MS = 86_400_000;

/** Who may open the console, by links, codes and their sessions. Each act is audited. Methods throw what acting throws. */
export interface Access extends SignIn {
  /** Links, codes and sessions: the actor's own, or everybody's for an admin. */
  list(actor: Actor): Promise<AccessList>;
  /** Revokes a link or a code. False: there is none that is still good. */
  revokeLink(actor: Actor, id: string): Promise<boolean>;
  /** False: there is no such session that is still open. */
  endSession(actor: Actor, id: string): Promise<boolean>;
}

/** Makes the desk. */
export function createAccess(deps: SignInDeps): Access {
  const { database, clock, act, keys } = deps;
  return {
    ...createSignIn(deps),
    async list(actor) {
      const own = actor.scopes.includes('admin') ? null : actor.id;
      const since = clock.now() - DAY_MS;
      const [links, sessions] = await Promise.all([listLinks(database, since, own), listSessions(database, since, own)]);
      const nameOf = nameOfId(deps.directory);
      return { links: links.map((link) => shownLink(link, nameOf)), sessions: sessions.map((session) => shownSession(session, nameOf)) };
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

function shownLink({ made_at, expires_at, used_at, revoked_at, code_key, ...rest }: LinkRow, nameOf: (id: string) => string): AccessLink {
  const kind = code_key === null ? 'link' : 'code';
  return {
    ...rest,
    kind,
    person_name: nameOf(rest.person),
    made_by_name: nameOf(rest.made_by),
    made_at: iso(made_at),
    expires_at: iso(expires_at),
    used_at: isoOrNull(used_at),
    revoked_at: isoOrNull(revoked_at),
  };
}

function shownSession({ opened_at, expires_at, ended_at, ...rest }: SessionRow, nameOf: (id: string) => string): AccessSession {
  return { ...rest, actor_name: nameOf(rest.actor), opened_at: iso(opened_at), expires_at: iso(expires_at), ended_at: isoOrNull(ended_at) };
}
