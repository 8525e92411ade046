import { GuardianError } from '../errors.ts';
import type { Wire } from '../wire/wire.ts';
import { createSlot } from '../wire/slot.ts';
import type { Database } from './database.ts';
import { connectDatabase } from './remote-database.ts';

/** The database of a process that does not own it. */
export interface LinkedDatabase extends Database {
  /** Speaks over `wire` from now on, until it closes. */
  open(wire: Wire): void;
}

const AWAY = 'The process that holds the database (role data) does not answer.';

/** Makes a database over one wire after the other, each to `serveDatabase`. While there is none, calls are refused with
 *  STORE_UNAVAILABLE (retryable) after `waitMs` (default 0: at once). A transaction that was open when its wire closed is rolled
 *  back. */
export function createLinkedDatabase({ waitMs = 0 }: { readonly waitMs?: number } = {}): LinkedDatabase {
  const slot = createSlot<Database>(waitMs, () => new GuardianError('STORE_UNAVAILABLE', AWAY, { retryable: true }));
  let current: Database | undefined;
  let isClosed = false;
  const there = async (): Promise<Database> => {
    if (isClosed) throw new GuardianError('STORE_CLOSED', 'The database was closed.');
    return slot.soon();
  };
  return {
    open(wire) {
      const opened = connectDatabase(wire);
      slot.put(opened);
      current = opened;
      wire.on('close', () => slot.take(opened));
    },
    query: async (text, params) => (await there()).query(text, params),
    exec: async (text) => (await there()).exec(text),
    copy: async (into, rows) => (await there()).copy(into, rows),
    transaction: async (work) => (await there()).transaction(work),
    async close() {
      isClosed = true;
      await current?.close();
    },
  };
}
