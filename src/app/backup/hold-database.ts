import type { Logger } from 'pino';
import type { DataDir } from '../data-dir.ts';
import { linkDatabase } from '../engines.ts';
import type { BackupOptions } from './take-backup.ts';

/** How long the process that has the database may take to answer. */
const PATIENCE_MS = 15_000;
/** That process rolls a transaction back in which nothing is asked for 5 s. */
const SIGN_MS = 1000;

/** Calls `work` with the way to hold the database of a running program: a transaction, beside which the embedded engine lets nobody in,
 *  after a checkpoint. Counting and reads wait meanwhile, transactions are accepted. Throws STORE_UNAVAILABLE when nobody answers, or the
 *  transaction was lost on the way. */
export async function holdDatabase<T>(dir: DataDir, log: Logger, work: (still: BackupOptions['still']) => Promise<T>): Promise<T> {
  const link = await linkDatabase(dir, { log, waitMs: PATIENCE_MS });
  try {
    return await work((inside) =>
      link.database.transaction(async (tx) => {
        await tx.exec('checkpoint');
        const sign = setInterval(() => void tx.query('select 1').catch(() => undefined), SIGN_MS);
        try {
          await inside();
        } finally {
          clearInterval(sign);
        }
        // Fails where the transaction has ended before.
        await tx.query('select 1');
      }),
    );
  } finally {
    await link.close();
  }
}
