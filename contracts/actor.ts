import { Type, type Static } from 'typebox';
import { ACCOUNT_CHANNELS, PLACES, type Role } from './role.ts';

/** What a request may ask for: `read`: look; `write`: send data; `admin`: read the audit. To act needs a role instead. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** `person`: somebody who is configured, or has a session; `service`: a program with the service token; `local`: a program on
 *  this machine; `system`: the program itself; `unknown`: a sender that is nobody's identity. */
export const ACTOR_KINDS = ['person', 'service', 'local', 'system', 'unknown'] as const;

/** How an actor reached the program: an account of a chat, a command, the web console, the API with the service token, a program
 *  on this machine without it, or from inside. */
export const CHANNELS = [...ACCOUNT_CHANNELS, ...PLACES, 'api', 'local', 'guardian'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Longest name that a local program may claim for its user, characters. */
export const MAX_CLAIMED_NAME = 64;

/** Header in which a program on this machine names its user, percent-encoded. Recorded as claimed; decides nothing. */
export const CLAIMED_NAME_HEADER = 'guardian-claimed-name';

/** Header in which a program with the service token names the person that it acts for: `telegram:777`, `cli`. */
export const IDENTITY_HEADER = 'guardian-identity';

/** Longest message id, characters. */
export const MAX_MESSAGE_ID = 200;

/** Who acts, as the audit records it. */
export const ActorIdentity = Type.Object(
  {
    id: Type.String({ description: 'Stable id: of a configured person, or e.g. `session:1f2e3d4c5b6a`, `service`, `local`.' }),
    kind: Type.Enum([...ACTOR_KINDS]),
    name: Type.String({ description: 'Display name.' }),
    claimed_name: Type.Union([Type.String(), Type.Null()], { description: 'Name that a local program gives its user; nobody checked it.' }),
  },
  { title: 'ActorIdentity' },
);
export type ActorIdentity = Static<typeof ActorIdentity>;

/** Who makes a request, and what it may do. */
export interface Actor extends ActorIdentity {
  readonly channel: Channel;
  /** Address that the request came from; null inside of this machine's own commands. */
  readonly address: string | null;
  readonly scopes: readonly Scope[];
  /** The highest role; null: may not act. */
  readonly role: Role | null;
  /** What it acts for, unique in its channel: one message, one act. Null: each call is an act of its own. */
  readonly message_id: string | null;
}
