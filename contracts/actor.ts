import { Type, type Static } from 'typebox';

/** What an actor may do. `read`: look; `write`: send data and give or withdraw its own verdicts; `admin`: undo what others did
 *  and read the audit. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** `person`: somebody with a session; `service`: a program with credentials of its own; `local`: a program on this machine. */
export const ACTOR_KINDS = ['person', 'service', 'local'] as const;

/** How an actor reached the program: a session of the web console, or a program on this machine. */
export const CHANNELS = ['console', 'local'] as const;

/** Longest name that a local program may claim for its user, characters. */
export const MAX_CLAIMED_NAME = 64;

/** Header in which a program on this machine names its user, percent-encoded. Recorded as claimed; decides nothing. */
export const CLAIMED_NAME_HEADER = 'guardian-claimed-name';

/** Who acts, as the audit records it. */
export const ActorIdentity = Type.Object(
  {
    id: Type.String({ description: 'Stable id, e.g. `session:1f2e3d4c5b6a`, `local`.' }),
    kind: Type.Enum([...ACTOR_KINDS]),
    name: Type.String({ description: 'Display name.' }),
    claimed_name: Type.Union([Type.String(), Type.Null()], { description: 'Name that a local program gives its user; nobody checked it.' }),
  },
  { title: 'ActorIdentity' },
);
export type ActorIdentity = Static<typeof ActorIdentity>;

/** Who makes a request, and what it may do. */
export interface Actor extends ActorIdentity {
  readonly channel: (typeof CHANNELS)[number];
  /** Address that the request came from; null inside of this machine's own commands. */
  readonly address: string | null;
  readonly scopes: readonly Scope[];
}
