import { userInfo } from 'node:os';
import { SCOPES, type Actor } from '@transaction-guardian/contracts/actor.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';

/** Name of the user of the operating system; null where there is none, as in some containers. */
export function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** Whoever runs a command that works on the data directory itself. */
export function localActor(): Actor {
  const common = { id: LOCAL_ACTOR, kind: 'local', name: 'local program', channel: 'local', address: null } as const;
  return { ...common, claimed_name: userName(), scopes: SCOPES, role: 'admin', message_id: null };
}
