import { setTimeout as delay } from 'node:timers/promises';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GuardianError, isGuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { saveRun } from '../store/verbs/runbook/runbook-run.ts';

const RETRY_MS = 250;
/** A database that is away for longer than its thread takes to start again. */
const PATIENCE_MS = 60_000;

/** Writes how far a run is before the run goes on: what the record does not say has not been begun. Waits for a database that is away.
 *  Throws RUNBOOK_FENCED when another process has taken the run, STORE_UNAVAILABLE when the database stays away for a minute. */
export async function persistRun(
  { database, clock, log }: { readonly database: Database; readonly clock: Clock; readonly log: Logger },
  record: RunRecord,
  holders: { readonly from: string; readonly to?: string },
): Promise<void> {
  const since = clock.monotonic();
  for (;;) {
    try {
      if (await saveRun(database, record, holders)) return;
      throw new GuardianError('RUNBOOK_FENCED', 'Another process has taken this run, or it has ended.');
    } catch (error) {
      const isAway = isGuardianError(error) && error.retryable && clock.monotonic() - since < PATIENCE_MS;
      if (!isAway) throw error;
      log.warn({ err: error, run: record.id }, 'runbook progress is not stored until the database is available');
      await delay(RETRY_MS);
    }
  }
}
