import type { Clock } from '../../clock.ts';
import type { Database } from '../../store/database.ts';
import { lockStates } from '../../store/verbs/alert/alert-states.ts';
import { readNextHoldChange } from '../../store/verbs/alert/next-hold-change.ts';
import { announceSilences, type AnnounceOptions } from '../silence/announce.ts';
import { publishStates, settleHolds, type HoldOptions } from './settle-holds.ts';

/** Follows what time alone begins and ends: responses, silences, maintenance windows. */
export interface HoldClock {
  /** Works it out when something is due; true when it did. What falls due commits with its notices and its events. */
  look(): Promise<boolean>;
}

/** Creates the clock. Where it stood is in the database: after a crash at any point the next look does the rest. */
export function createHoldClock(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  options: HoldOptions & AnnounceOptions,
): HoldClock {
  return {
    async look() {
      const due = await readNextHoldChange(database);
      if (due === null || due > clock.now()) return false;
      await database.transaction(async (tx) => {
        await lockStates(tx);
        const now = clock.now();
        await publishStates(tx, await settleHolds(tx, options, now));
        await announceSilences(tx, options, now);
      });
      return true;
    },
  };
}
