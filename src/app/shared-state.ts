import type { GuessLimit } from '../auth/guess-limit.ts';
import type { SharedSessions } from '../auth/shared-sessions.ts';
import type { AcceptedIds } from '../ingest/accepted-ids.ts';
import type { SharedAnswers } from '../read/shared-answers.ts';
import type { StageHealth } from '../stage.ts';

/** What the API processes of an installation share beside log and database. Each of them goes on with what it knows itself while this is
 *  away. */
export interface SharedState {
  readonly acceptedIds: AcceptedIds;
  readonly guesses: GuessLimit;
  readonly sessions: SharedSessions;
  readonly answers: SharedAnswers;
  health(): StageHealth;
  close(): Promise<void>;
}
