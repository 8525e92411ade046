import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import type { Steps } from './delete-in-steps.ts';
import { removeTransactions } from './remove-transactions.ts';
import { noteEarlyRemoval } from './verbs/early-removal.ts';

export interface RemoveEarlyOptions extends Steps {
  /** Transactions that arrived before this go, epoch milliseconds. */
  readonly before: number;
}

/** Removes the raw transactions that arrived before `before`, and notes each step with what it removed. Returns how many; ends
 *  early when `signal` aborts. */
export async function removeEarly(
  deps: { readonly database: Database; readonly clock: Clock },
  { before, ...steps }: RemoveEarlyOptions,
): Promise<number> {
  let total = 0;
  await removeTransactions(deps, {
    ...{ before, ...steps },
    onStep: async (tx, { removed, isLast }) => {
      total += removed;
      // Until the last step there are still some that arrived before.
      if (removed > 0 || (isLast && total > 0))
        await noteEarlyRemoval(tx, { removed, before: isLast ? before : 0, removed_at: deps.clock.now() });
    },
  });
  return total;
}
