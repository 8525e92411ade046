import type { Clock } from '../clock.ts';
import type { Database, Sql } from './database.ts';
import { deleteInSteps, type Steps } from './delete-in-steps.ts';
import { dropPartitions, TRANSACTIONS } from './verbs/transaction/time-partitions.ts';
import { deleteOld, deleteOldRows } from './verbs/transaction/delete-old.ts';
import { dropOldChunks } from './verbs/transaction/drop-old-chunks.ts';

export interface RemoveOptions extends Steps {
  /** Transactions that arrived before this go, epoch milliseconds. */
  readonly before: number;
  /** Called in the database transaction of each step. `removed`: transactions that went with it. */
  readonly onStep?: (tx: Sql, step: { readonly removed: number; readonly isLast: boolean }) => Promise<void>;
}

/** How many tables went whole, and how many transactions are no longer known. */
export interface Removed {
  readonly tables: number;
  readonly transactions: number;
}

/** Removes the raw transactions that arrived before `before`: tables of days and chunks whole, so that rows go up to a day later than their ids;
 *  what an earlier version stored, and ids, in steps. Ends early when `signal` aborts. */
export async function removeTransactions(
  deps: { readonly database: Database; readonly clock: Clock },
  { before, onStep, ...steps }: RemoveOptions,
): Promise<Removed> {
  const { database } = deps;
  const chunks = await dropOldChunks(database, 'transaction', before);
  const tables = chunks ?? (await dropPartitions(database, TRANSACTIONS, before)).length;
  let transactions = 0;
  const note = async (tx: Sql, removed: number, isLast: boolean): Promise<void> => {
    transactions += removed;
    await onStep?.(tx, { removed, isLast });
  };
  for (const table of chunks === null ? (['transaction_later', 'transaction_before'] as const) : []) {
    await deleteInSteps(deps, steps, async (tx, limit) => {
      const { deleted, unkeyed } = await deleteOldRows(tx, table, { before, limit });
      await note(tx, unkeyed, false);
      return deleted;
    });
  }
  await deleteInSteps(deps, steps, async (tx, limit) => {
    const deleted = await deleteOld(tx, 'transaction_key', { before, limit });
    await note(tx, deleted, deleted < limit);
    return deleted;
  });
  return { tables, transactions };
}
