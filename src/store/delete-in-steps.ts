import type { Clock } from '../clock.ts';
import type { Database, Sql } from './database.ts';
import { FIRST_ROWS, nextStepSize } from './step-size.ts';

export interface Steps {
  readonly signal: AbortSignal;
  /** Lets others in between two steps. */
  readonly pause: () => Promise<void>;
}

/** Deletes rows in steps of some 25 ms, each a transaction of its own. `step`: deletes at most `limit` rows and returns how many it
 *  did; `total` were deleted before. The step that finds fewer is the last. Returns how many; ends early when `signal` aborts. */
export async function deleteInSteps(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  { signal, pause }: Steps,
  step: (tx: Sql, limit: number, total: number) => Promise<number>,
): Promise<number> {
  let rows = FIRST_ROWS;
  let total = 0;
  while (!signal.aborted) {
    const limit = rows;
    let deleted = 0;
    const ms = await database.transaction(async (tx) => {
      // Waiting for others is not the step's fault.
      const started = clock.monotonic();
      deleted = await step(tx, limit, total);
      return clock.monotonic() - started;
    });
    total += deleted;
    if (deleted < limit) break;
    rows = nextStepSize(rows, ms);
    await pause();
  }
  return total;
}
