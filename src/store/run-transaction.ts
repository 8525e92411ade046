import { GuardianError } from '../errors.ts';
import type { Sql } from './database.ts';

/** A connection that one transaction has for itself. Everything throws errors of ours. */
export interface Connection extends Sql {
  /** Resolves with what the database did: it answers the commit of a transaction with a failed statement with a silent rollback. */
  commit(): Promise<'committed' | 'rolled back'>;
}

/** Runs `work` between begin and commit, or rolls back when it throws: its own error comes out unchanged. The handle is of no use after
 *  the end. */
export async function runTransaction<T>(connection: Connection, work: (tx: Sql) => Promise<T>): Promise<T> {
  await connection.exec('begin');
  let open = true;
  let failure: unknown;
  const run = <R>(statement: () => Promise<R>): Promise<R> => {
    if (!open) return Promise.reject(new GuardianError('INTERNAL', 'The transaction has ended; its handle cannot be used any more.'));
    return statement().catch((error: unknown) => {
      failure = error;
      throw error;
    });
  };
  const tx: Sql = {
    query: (text, params) => run(() => connection.query(text, params)),
    exec: (text) => run(() => connection.exec(text)),
    copy: (into, rows) => run(() => connection.copy(into, rows)),
  };
  try {
    const result = await work(tx);
    open = false;
    if ((await connection.commit()) === 'rolled back')
      throw failure ?? new GuardianError('STORE_REFUSED', 'The transaction was rolled back.');
    return result;
  } catch (error) {
    open = false;
    await connection.exec('rollback').catch(() => undefined);
    throw error;
  }
}
