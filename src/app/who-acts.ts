import type { Logger } from 'pino';
import { createAccess, recordSession, type Access } from '../auth/access.ts';
import { createAct, type Act } from '../auth/act.ts';
import { createDirectory, type Directory } from '../auth/directory.ts';
import { createGuessLimit, withLocalLimit } from '../auth/guess-limit.ts';
import type { PendingActs } from '../auth/pending-acts.ts';
import { createServiceToken, type ServiceToken } from '../auth/service-token.ts';
import { createUnknownSenders, type UnknownSenders } from '../auth/unknown-senders.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { messageOf } from '../errors.ts';
import { repeat } from '../stage.ts';
import type { Sessions } from '../http/auth.ts';
import type { SharedState } from './shared-state.ts';
import type { Database } from '../store/database.ts';
import { listEndedEarly } from '../store/verbs/access/access-sessions.ts';
import { createPendingActs, createPendingWriter } from './pending-acts-dir.ts';
import { loadServiceToken, refuseConfiguredToken, writeServiceToken } from './service-token-file.ts';

const PENDING_EVERY_MS = 5000;
const ENDED_EVERY_MS = 1000;

export interface WhoActsDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** The data directory. */
  readonly root: string;
  readonly database: Database;
  readonly sessions: Sessions;
  /** What all API processes know; null: this one is alone. */
  readonly shared: SharedState | null;
  /** False where other API processes end sessions too. */
  readonly isAlone: boolean;
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
  const { config, clock, log, root, database, sessions, shared, isAlone } = deps;
  const act = createAct({ database, clock });
  const directory = createDirectory(config.people);
  const token = createServiceToken(config.access.service_token ?? loadServiceToken(root));
  const noted = createPendingActs(root, clock);
  const writePending = createPendingWriter({ root, act, log, work: recordSession });
  const ownGuesses = createGuessLimit(clock);
  const guesses = shared === null ? ownGuesses : withLocalLimit(shared.guesses, ownGuesses);
  const readEnded = async (): Promise<void> => {
    // A server that was killed between the row and the end of a session ends it now.
    const ended = await listEndedEarly(database, clock.now());
    sessions.learnEnded(new Map(ended.map(({ id, expires_at }) => [id, expires_at])));
  };
  /** Another process may have ended a session. */
  const follow = async (): Promise<void> => {
    const ended = shared === null ? null : await shared.sessions.listEnded().catch(() => null);
    if (ended === null) await readEnded();
    else sessions.learnEnded(ended);
  };
  return {
    act,
    directory,
    token,
    unknown: createUnknownSenders({ database, clock }),
    access: createAccess({ database, clock, act, directory, keys: sessions, guesses, base: deps.base }),
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
      const warn = (error: unknown): void => log.warn({ reason: messageOf(error) }, 'failed to read ended sessions');
      ready
        .then(writePending)
        .then(readEnded)
        .catch((error: unknown) => warn(error));
      const timer = setInterval(() => void writePending(), PENDING_EVERY_MS).unref();
      const following =
        shared === null && isAlone
          ? null
          : repeat(follow, { everyMs: ENDED_EVERY_MS, log, failure: 'failed to read ended sessions', waitsFirst: true });
      void ready.then(following?.start).catch(() => undefined);
      return async () => {
        clearInterval(timer);
        await following?.stop();
      };
    },
  };
}
