import { randomBytes } from 'node:crypto';
import type { NewAccessCode, NewAccessLink } from '@transaction-guardian/contracts/access.ts';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import type { Clock } from '../clock.ts';
import { GuardianError } from '../errors.ts';
import { hasCardNumber } from '../pan/card-number.ts';
import type { Database, Sql } from '../store/database.ts';
import { findCode, findLink, insertLink, useLink, type LinkRow } from '../store/verbs/access/access-links.ts';
import { findSession, insertSession } from '../store/verbs/access/access-sessions.ts';
import { audited } from '../store/verbs/audit/append-audit.ts';
import type { Act, Acted } from './act.ts';
import { personActor, unnamedActor, type Directory } from './directory.ts';
import type { GuessLimit } from './guess-limit.ts';
import type { PairingCodes } from './pairing-code.ts';

/** A personal link is good for so long, milliseconds. */
export const PERSONAL_LINK_MS = 15 * 60_000;
/** A code is typed at once, from one screen to the other, milliseconds. */
export const PAIRING_CODE_MS = 5 * 60_000;
export const KEPT_MS = 30 * 86_400_000;
/** Before the id of a session of nobody in particular; no person's id has a colon. */
const UNNAMED = 'session:';

/** Makes and reads the secrets of links, codes and sessions. */
export interface AccessKeys extends PairingCodes {
  /** The token of the personal link with this id. */
  linkToken(id: string): string;
  /** The id of a personal link's token; null when it was not made here. */
  linkId(token: string): string | null;
  /** A cookie value for a session of a person, null: of nobody in particular. `expiresAt`: epoch milliseconds. */
  openFor(person: string | null): { readonly cookie: string; readonly id: string; readonly expiresAt: number };
  /** Ends the session with this id for good. */
  endById(id: string, expiresAt: number): void;
}

export interface SignInDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly act: Act;
  readonly directory: Directory;
  readonly keys: AccessKeys;
  readonly guesses: GuessLimit;
  /** Address of the console, without a slash at the end. */
  readonly base: () => string;
}

/** The ways into the console. Each act is audited. Methods throw what acting throws. */
export interface SignIn {
  /** A link for a person: for oneself, or, as an admin, for anybody. It opens one session, once, for 15 minutes, on the page
   *  `path`. Null: nobody has this id. */
  mintLink(actor: Actor, personId: string, path?: string): Promise<NewAccessLink | null>;
  /** The address of a link that was made before; it opens nothing when the link is no longer good. */
  linkUrl(id: string, path?: string): string;
  /** A code for whoever asks, or, as an admin, for anybody. It opens one session, once, for 5 minutes. Who is nobody in
   *  particular, as without people in the configuration, gets one for a session of the same kind. Null: nobody has this id. */
  mintCode(actor: Actor, personId: string): Promise<NewAccessCode | null>;
  /** The cookie of a personal link, once; null when the link is not good. */
  redeem(token: string, address: string | null): Promise<string | null>;
  /** The cookie of a code as somebody typed it, once; null when it is not good. Throws AUTH_GUESSES after too many wrong ones. */
  redeemCode(typed: string, address: string | null): Promise<string | null>;
}

/** Makes the ways in. */
export function createSignIn(deps: SignInDeps): SignIn {
  const { database, clock, act, directory, keys, guesses } = deps;
  const linkUrl = (id: string, path = '/'): string => `${deps.base()}${path}?token=${keys.linkToken(id)}`;
  const make = (actor: Actor, person: string, kind: NewRow['kind'], isOwn: boolean): Promise<string | null> => {
    const verb: ActVerb = isOwn ? `${kind}.make` : `${kind}.make_for_other`;
    return act({ actor, verb, arguments: { person } }, (tx) => makeRow(tx, deps, { actor, person, kind }));
  };
  const expiryOf = async (id: string): Promise<string> => new Date((await findLink(database, id))?.expires_at ?? clock.now()).toISOString();
  return {
    linkUrl,
    async mintLink(actor, person, path) {
      const id = await make(actor, person, 'link', person === actor.id);
      return id === null ? null : { id, person, url: linkUrl(id, path), expires_at: await expiryOf(id) };
    },
    async mintCode(actor, personId) {
      const isOwn = personId === actor.id;
      const person = isOwn ? whoIs(actor, directory) : personId;
      const id = await make(actor, person, 'code', isOwn);
      return id === null ? null : { id, person, code: keys.code(id), expires_at: await expiryOf(id) };
    },
    async redeem(token, address) {
      const id = keys.linkId(token);
      const link = id === null ? undefined : await findLink(database, id);
      return link === undefined || link.code_key !== null ? null : openBy(deps, link, address);
    },
    async redeemCode(typed, address) {
      // Before the database is asked: guesses that come all at once are counted too.
      const forgive = await guesses.take(address);
      if (forgive === null) throw new GuardianError('AUTH_GUESSES', `Too many wrong codes came from ${address ?? 'there'}.`);
      const key = keys.codeKey(typed);
      try {
        const link = key === null ? undefined : await findCode(database, key);
        const cookie = link === undefined ? null : await openBy(deps, link, address);
        if (cookie !== null) forgive();
        else await auditRefusal(deps, address, link?.id ?? null);
        return cookie;
      } catch (error) {
        // Nobody knows whether it was wrong, and nobody learns anything by it.
        forgive();
        throw error;
      }
    },
  };
}

/** What a row says of whoever asks: a person, or a session of nobody in particular. */
function whoIs({ id, role }: Actor, directory: Directory): string {
  if (role !== 'admin' || directory.byId(id) !== null || id.startsWith(UNNAMED)) return id;
  return `${UNNAMED}${id}`;
}

/** The id of a new link or code: 24 hexadecimal digits, drawn again while they look like a card number, as one in a thousand does,
 *  which the audit would mask. */
export function newLinkId(draw: () => string = () => randomBytes(12).toString('hex')): string {
  const id = draw();
  return hasCardNumber(id) ? newLinkId(draw) : id;
}

interface NewRow {
  readonly actor: Actor;
  readonly person: string;
  readonly kind: 'link' | 'code';
}

async function makeRow(tx: Sql, { clock, directory, keys }: SignInDeps, { actor, person, kind }: NewRow): Promise<Acted<string | null>> {
  const isUnnamed = kind === 'code' && person.startsWith(UNNAMED) && actor.role === 'admin';
  const isSomebody = isUnnamed || directory.byId(person) !== null;
  if (!isSomebody) return { value: null, outcome: { result: 'not_found' } };
  const at = clock.now();
  const id = newLinkId();
  const expires_at = at + (kind === 'link' ? PERSONAL_LINK_MS : PAIRING_CODE_MS);
  const code_key = kind === 'link' ? null : keys.codeKey(keys.code(id));
  const row = { id, person, made_by: actor.id, made_at: at, expires_at, used_at: null, revoked_at: null, code_key };
  await insertLink(tx, row, at - KEPT_MS);
  return { value: id, outcome: { result: 'done', after: { [kind]: id, expires_at: new Date(expires_at).toISOString() } } };
}

/** Uses a link or a code up and opens its session; null when it is no longer good, or its person is configured no more. */
async function openBy(
  { database, clock, act, directory, keys }: SignInDeps,
  link: LinkRow,
  address: string | null,
): Promise<string | null> {
  const person = directory.byId(link.person);
  const isUnnamed = person === null && link.person.startsWith(UNNAMED);
  if ((person === null && !isUnnamed) || link.used_at !== null) return null;
  // A session that was ended lends its rights to nobody.
  if (isUnnamed && (await findSession(database, link.person.slice(UNNAMED.length)))?.ended_at != null) return null;
  const session = keys.openFor(person?.id ?? null);
  const owner = person ?? directory.person('console');
  const origin = { channel: 'console', address } as const;
  const actor = owner === null ? unnamedActor(session.id, origin) : personActor(owner, origin);
  const isOpen = await act({ actor, verb: 'session.open', arguments: { session: session.id, link: link.id } }, async (tx) => {
    const at = clock.now();
    if (!(await useLink(tx, link.id, at))) return { value: false, outcome: { result: 'refused' } };
    const row = { id: session.id, actor: actor.id, link: link.id, opened_at: at, expires_at: session.expiresAt, address };
    await insertSession(tx, row, at - KEPT_MS);
    return { value: true, outcome: { result: 'done' } };
  });
  return isOpen ? session.cookie : null;
}

/** A row for each wrong code; the limit of guesses bounds them. `link`: the code was one, and is no longer good. */
async function auditRefusal({ database, clock }: SignInDeps, address: string | null, link: string | null): Promise<void> {
  const unknown = {
    id: 'unknown',
    kind: 'unknown',
    name: 'unknown',
    claimed_name: null,
    channel: 'console',
    address,
    message_id: null,
  } as const;
  const row = { actor: unknown, verb: 'code.refuse', arguments: link === null ? {} : { code: link }, at: clock.now() } as const;
  await database.transaction((tx) => audited(tx, row, async () => ({ value: null, outcome: { result: 'forbidden' } })));
}
