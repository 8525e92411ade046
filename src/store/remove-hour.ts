import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import { deleteInSteps, type Steps } from './delete-in-steps.ts';
import { deleteOld } from './verbs/transaction/delete-old.ts';
import { noteEarlyRemoval } from './verbs/early-removal.ts';

export interface RemoveHourOptions extends Steps {
  /** Rows that arrived before this go, epoch milliseconds. */
  readonly before: number;
}

/** Removes the raw transactions that arrived before `before`, and notes each step with what it removed. Returns how many; ends
 *  early when `signal` aborts. */
export function removeHour(
  deps: { readonly database: Database; readonly clock: Clock },
  { before, ...steps }: RemoveHourOptions,
): Promise<number> {
  return deleteInSteps(deps, steps, async (tx, limit, total) => {
    const deleted = await deleteOld(tx, 'transaction', { before, limit });
    const isLast = deleted < limit;
    // Until the last step of an hour there are still rows of it.
    if (deleted > 0 || (isLast && total > 0))
      await noteEarlyRemoval(tx, { removed: deleted, before: isLast ? before : 0, removed_at: deps.clock.now() });
    return deleted;
  });
}
