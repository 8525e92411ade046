import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { deleteOldTransactions } from '../store/verbs/delete-old-transactions.ts';

export interface UpkeepDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 600_000;
const STEP_ROWS = 5000;

/** Keeps the database small, a little at a time. */
export interface Upkeep {
  /** Deletes a step of raw transactions past their retention, when it is time to look. Never throws. */
  look(): Promise<void>;
}

/** Creates the upkeep: every 10 minutes it begins to delete, one step a call until nothing is left. */
export function createUpkeep(deps: UpkeepDeps, options: { readonly rawRetentionDays: number }): Upkeep {
  const { database, clock, log } = deps;
  let nextLook = clock.monotonic();
  return {
    async look() {
      if (clock.monotonic() < nextLook) return;
      try {
        const deleted = await deleteOldTransactions(database, {
          before: clock.now() - options.rawRetentionDays * DAY_MS,
          limit: STEP_ROWS,
        });
        if (deleted === 0) nextLook = clock.monotonic() + LOOK_EVERY_MS;
        else log.debug({ deleted }, 'raw transactions past their retention deleted');
      } catch (error) {
        nextLook = clock.monotonic() + LOOK_EVERY_MS;
        log.warn({ reason: messageOf(error) }, 'old transactions could not be deleted; trying again later');
      }
    },
  };
}
