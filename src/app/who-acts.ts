import type { Logger } from 'pino';
import { createAccess, recordSession, type Access } from '../auth/access.ts';
import { createAct, type Act } from '../auth/act.ts';
import { createDirectory, type Directory } from '../auth/directory.ts';
import { createGuessLimit } from '../auth/guess-limit.ts';
import type { PendingActs } from '../auth/pending-acts.ts';
import { createServiceToken, type ServiceToken } from '../auth/service-token.ts';
import { createUnknownSenders, type UnknownSenders } from '../auth/unknown-senders.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { messageOf } from '../errors.ts';
import type { Sessions } from '../http/auth.ts';
import type { Database } from '../store/database.ts';
import { listEndedEarly } from '../store/verbs/access/access-sessions.ts';
import { createPendingActs, createPendingWriter } from './pending-acts-dir.ts';
import { loadServiceToken, refuseConfiguredToken, writeServiceToken } from './service-token-file.ts';

const PENDING_EVERY_MS = 5000;

export interface WhoActsDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** The data directory. */
  readonly root: string;
  readonly database: Database;
  readonly sessions: Sessions;
  /** Address of the console, without a slash at the end. */
  readonly base: () => string;
}

/** Everything that knows who acts. */
export interface WhoActs {
  readonly act: Act;
  readonly directory: Directory;
  readonly unknown: UnknownSenders;
  readonly token: ServiceToken;
  readonly access: Access;
  readonly pending: PendingActs;
  /** A new service token, on the disk and in force. Throws APP_DATA_DIR. */
  rotateToken(): void;
  /** Takes in what was done while there was no database, when `ready` resolves and from then on. Returns what ends it. */
  start(ready: Promise<unknown>): () => Promise<void>;
}

/** Makes the actors' side of a server. Throws APP_DATA_DIR. */
export function createWhoActs(deps: WhoActsDeps): WhoActs {
  const { config, clock, log, root, database, sessions } = deps;
  const act = createAct({ database, clock });
  const directory = createDirectory(config.people);
  const token = createServiceToken(config.access.service_token ?? loadServiceToken(root));
  const noted = createPendingActs(root, clock);
  const writePending = createPendingWriter({ root, act, log, work: recordSession });
  const look = async (): Promise<void> => {
    await writePending();
    // A server that was killed between the row and the end of a session ends it now.
    for (const { id, expires_at } of await listEndedEarly(database, clock.now())) sessions.endById(id, expires_at);
  };
  return {
    act,
    directory,
    token,
    unknown: createUnknownSenders({ database, clock }),
    access: createAccess({ database, clock, act, directory, keys: sessions, guesses: createGuessLimit(clock), base: deps.base }),
    pending: {
      note(one) {
        try {
          noted.note(one);
        } catch (error) {
          // A full disk must not keep people out.
          log.error(
            { reason: messageOf(error), verb: one.verb, actor: one.actor.id },
            'an act could not be noted: its audit row is missing',
          );
        }
        void writePending();
      },
    },
    rotateToken() {
      refuseConfiguredToken(config);
      token.replace(writeServiceToken(root));
    },
    start(ready) {
      ready.then(look).catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'failed to read ended sessions'));
      const timer = setInterval(() => void writePending(), PENDING_EVERY_MS).unref();
      return async () => clearInterval(timer);
    },
  };
}
