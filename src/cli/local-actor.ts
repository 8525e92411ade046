import { userInfo } from 'node:os';
import { SCOPES, type Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import { createPendingActs } from '../app/pending-acts-dir.ts';
import { requireRole } from '../auth/act.ts';
import { createDirectory, personActor } from '../auth/directory.ts';
import type { Config } from '../config/config-schema.ts';
import type { Cli } from './cli.ts';

/** Name of the user of the operating system; null where there is none, as in some containers. */
export function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** Whoever runs a command that works on the data directory itself: who has the identity `cli`, or nobody in particular. */
export function localActor({ people }: Pick<Config, 'people'>): Actor {
  const person = createDirectory(people).person('cli');
  if (person !== null) return { ...personActor(person, { channel: 'cli' }), claimed_name: userName() };
  const common = { id: LOCAL_ACTOR, kind: 'local', name: 'local program', channel: 'cli', address: null } as const;
  return { ...common, claimed_name: userName(), scopes: SCOPES, role: 'admin', message_id: null };
}

/** What a command does to a data directory whose database it does not open. */
export interface NotedWork<T> {
  readonly verb: ActVerb;
  readonly root: string;
  readonly work: () => Promise<T>;
  /** What the audit says of it. */
  readonly arguments: (done: T) => Readonly<Record<string, unknown>>;
}

/** Does such work for somebody who may, and notes it: a server writes the audit row. Throws AUTH_ROLE before anything is done. */
export async function notedWork<T>(cli: Cli, config: Config, { verb, root, work, arguments: argumentsOf }: NotedWork<T>): Promise<T> {
  const actor = localActor(config);
  const pending = createPendingActs(root, cli.clock);
  try {
    requireRole(actor, verb);
  } catch (error) {
    pending.note({ actor, verb, arguments: {} });
    throw error;
  }
  const done = await work();
  pending.note({ actor, verb, arguments: argumentsOf(done) });
  return done;
}
