import { GuardianError } from '../errors.ts';
import type { Wire } from '../wire/wire.ts';
import type { Database } from './database.ts';
import { connectDatabase } from './remote-database.ts';

/** The database of a process that does not own it. */
export interface LinkedDatabase extends Database {
  /** Speaks over `wire` from now on, until it closes. */
  open(wire: Wire): void;
}

/** Makes a database over one wire after the other, each to `serveDatabase`. While there is none, calls are refused with
 *  STORE_UNAVAILABLE (retryable) at once. A transaction that was open when its wire closed is rolled back. */
export function createLinkedDatabase(): LinkedDatabase {
  let current: Database | undefined;
  let isClosed = false;
  const there = (): Database => {
    if (isClosed) throw new GuardianError('STORE_CLOSED', 'The database was closed.');
    if (current === undefined)
      throw new GuardianError('STORE_UNAVAILABLE', 'The process that holds the database (role data) does not answer.', { retryable: true });
    return current;
  };
  return {
    open(wire) {
      const opened = connectDatabase(wire);
      current = opened;
      wire.on('close', () => {
        if (current === opened) current = undefined;
      });
    },
    query: async (text, params) => there().query(text, params),
    exec: async (text) => there().exec(text),
    copy: async (into, rows) => there().copy(into, rows),
    transaction: async (work) => there().transaction(work),
    async close() {
      isClosed = true;
      await current?.close();
    },
  };
}
