import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import { FIRST_ROWS, nextStepSize } from './step-size.ts';
import { deleteOld } from './verbs/transaction/delete-old.ts';
import { noteEarlyRemoval } from './verbs/early-removal.ts';

export interface RemoveHourOptions {
  /** Rows that arrived before this go, epoch milliseconds. */
  readonly before: number;
  readonly signal: AbortSignal;
  /** Lets others in between two steps. */
  readonly pause: () => Promise<void>;
}

/** Removes the raw transactions that arrived before `before`, in steps of some 25 ms, and notes each step with what it removed.
 *  Returns how many; ends early when `signal` aborts. */
export async function removeHour(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  { before, signal, pause }: RemoveHourOptions,
): Promise<number> {
  let rows = FIRST_ROWS;
  let total = 0;
  while (!signal.aborted) {
    const limit = rows;
    let deleted = 0;
    const ms = await database.transaction(async (tx) => {
      const started = clock.monotonic();
      deleted = await deleteOld(tx, 'transaction', { before, limit });
      const isLast = deleted < limit;
      // Until the last step of an hour there are still rows of it.
      if (deleted > 0 || (isLast && total > 0))
        await noteEarlyRemoval(tx, { removed: deleted, before: isLast ? before : 0, removed_at: clock.now() });
      return clock.monotonic() - started;
    });
    total += deleted;
    if (deleted < limit) break;
    rows = nextStepSize(rows, ms);
    await pause();
  }
  return total;
}
