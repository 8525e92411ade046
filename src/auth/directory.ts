import type { Actor, Channel, Scope } from '@transaction-guardian/contracts/actor.ts';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import { PLACES, ROLES, type Role } from '@transaction-guardian/contracts/role.ts';
import { readIdentity } from './identity.ts';

/** Who is configured. Pure: the same people, the same answers. */
export interface Directory {
  readonly people: readonly Person[];
  /** Who has this identity (`telegram:777`, `whatsapp:+5511…`, `cli`, `console`); null: unknown, which is to be answered with
   *  nothing but a refusal. */
  person(identity: string): Person | null;
  /** Who has this id; null: nobody. */
  byId(id: string): Person | null;
}

/** Makes the directory of the configured people, whose identities are right and each somebody's own. */
export function createDirectory(people: readonly Person[]): Directory {
  const byId = new Map(people.map((person) => [person.id, person]));
  const byKey = new Map<string, Person>();
  for (const person of people) {
    for (const identity of person.identities) {
      const read = readIdentity(identity);
      if ('key' in read) byKey.set(read.key, person);
    }
  }
  return {
    people,
    person(identity) {
      const read = readIdentity(identity);
      return 'key' in read ? (byKey.get(read.key) ?? null) : null;
    },
    byId: (id) => byId.get(id) ?? null,
  };
}

/** How lists name an actor of whom only the id was kept: as configured, by the id where it is nobody's any more. */
export const nameOfId =
  ({ byId }: Pick<Directory, 'byId'>) =>
  (id: string): string =>
    byId(id)?.name ?? id;

/** The channel of an identity that was read before: what stands before its colon. */
export function channelOf(identity: string): Channel {
  const name = identity.split(':', 1)[0]?.trim().toLowerCase();
  return (['telegram', 'whatsapp', 'slack', 'discord', ...PLACES] as const).find((channel) => channel === name) ?? 'api';
}

/** Where an act comes from. `messageId`: unique in the channel, so a chat puts the conversation before the number of a message. */
export interface ActOrigin {
  readonly channel: Channel;
  readonly address?: string | null;
  readonly messageId?: string | null;
}

/** A person as the actor of what comes from there. */
export function personActor({ id, name, roles }: Person, { channel, address = null, messageId = null }: ActOrigin): Actor {
  const role = highestRole(roles);
  return { id, kind: 'person', name, claimed_name: null, channel, address, scopes: scopesOf(role), role, message_id: messageId };
}

/** Whoever has a session that was opened for nobody in particular, whose `id` reveals nothing about its cookie. */
export function unnamedActor(id: string, { channel, address = null, messageId = null }: ActOrigin): Actor {
  const common = { id: `session:${id}`, kind: 'person', name: `console session ${id}`, claimed_name: null } as const;
  return { ...common, channel, address, scopes: scopesOf('admin'), role: 'admin', message_id: messageId };
}

/** The program itself, for what it does of its own accord. `messageId`: what it does it for, once. */
export function guardianActor(messageId: string | null = null): Actor {
  const name = 'Transaction Guardian';
  const common = { kind: 'system', name, claimed_name: null, channel: 'guardian', address: null } as const;
  return { id: 'guardian', ...common, scopes: scopesOf('admin'), role: 'admin', message_id: messageId };
}

/** What a role may ask for besides acting. */
export function scopesOf(role: Role): readonly Scope[] {
  return role === 'viewer' ? ['read'] : role === 'admin' ? ['read', 'write', 'admin'] : ['read', 'write'];
}

/** Whether a role includes another one. */
export const includesRole = (role: Role | null, needed: Role): boolean => role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);

function highestRole(roles: readonly Role[]): Role {
  return ROLES.findLast((role) => roles.includes(role)) ?? 'viewer';
}
