import type { PgliteOptions } from './pglite-options.ts';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Database, Param, Sql } from '../database.ts';
import { runTransaction, type Connection } from '../run-transaction.ts';
import { createSeat, watchMemory, type Seat } from './engine-seat.ts';
import { createGate } from './gate.ts';
import { createEngineMaintenance } from './maintenance.ts';
import { markDamaged, startPglite } from './start-pglite.ts';
import { toStoreError } from './store-error.ts';

/** What changes the schema, which prepared statements were made for. */
const SCHEMA_CHANGE = /\b(?:create|alter|drop)\b/i;

/** Opens the embedded database in `dir` (made when missing) or in memory: one connection, statements of several callers
 *  take turns, a transaction holds the connection until it ends. Throws STORE_CORRUPT when the directory holds something
 *  that cannot be opened, STORE_UNAVAILABLE when the disk refuses. One process per directory: see `data-dir-lock.ts`. */
export async function openPglite(options: PgliteOptions): Promise<Database> {
  const seat = createSeat(await startPglite(options));
  const gate = createGate({
    monotonic: options.clock.monotonic,
    onDeath(error) {
      if ('dir' in options && error.code === 'STORE_CORRUPT') markDamaged(options.dir, error.message);
      options.log.error({ err: error }, 'database engine failed');
      options.onDeath?.(error);
    },
  });
  const maintenance = createEngineMaintenance(seat, options);
  const transact = async <T>(work: (tx: Sql) => Promise<T>): Promise<T> => {
    const result = await gate.inside(() => runTransaction(connectionOf(seat), work));
    await maintenance.afterTransaction();
    return result;
  };
  const looking = watchMemory(seat, gate, options);
  return {
    query: <Row extends object>(text: string, params?: readonly Param[]) => gate.enter(() => runQuery<Row>(seat, text, params)),
    exec: async (text) => void (await gate.enter(() => runExec(seat, text))),
    copy: (into, rows) => gate.enter(() => runCopy(seat, into, rows)),
    transaction: (work) => gate.enter(() => transact(work)),
    close: () => {
      clearInterval(looking);
      return gate.close(async (isDead) => {
        // What a dead engine says at its end helps nobody.
        await seat.leave().catch((error: unknown) => {
          if (!isDead) throw toStoreError(error);
        });
      });
    },
  };
}

/** A new, empty database as an uncompressed tar, to start others from. */
export async function dumpPglite(options: { readonly log: Logger; readonly clock: Clock }): Promise<Blob> {
  const engine = await startPglite({ ...options, memory: true });
  try {
    return await engine.dumpDataDir('none');
  } finally {
    await engine.close();
  }
}

async function runQuery<Row extends object>({ statements }: Seat, text: string, params: readonly Param[] = []): Promise<Row[]> {
  try {
    return (await statements.query(text, params)) as Row[];
  } catch (error) {
    throw toStoreError(error);
  }
}

/** Returns the command tag of the last statement. */
async function runExec({ statements }: Seat, text: string): Promise<string> {
  try {
    const tag = await statements.exec(text);
    if (SCHEMA_CHANGE.test(text)) await statements.forget();
    return tag;
  } catch (error) {
    throw toStoreError(error);
  }
}

/** The engine reads what a client would send from a file of its own. */
async function runCopy({ engine, statements }: Seat, into: string, rows: string): Promise<void> {
  try {
    await statements.between(() => engine.query(`copy ${into} from '/dev/blob'`, [], { blob: new Blob([rows]) }));
  } catch (error) {
    throw toStoreError(error);
  }
}

function connectionOf(seat: Seat): Connection {
  return {
    query: (text, params) => runQuery(seat, text, params),
    exec: async (text) => void (await runExec(seat, text)),
    copy: (into, rows) => runCopy(seat, into, rows),
    commit: async () => ((await runExec(seat, 'commit')) === 'ROLLBACK' ? 'rolled back' : 'committed'),
  };
}
