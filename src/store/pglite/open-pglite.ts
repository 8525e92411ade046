import type { PgliteOptions } from './pglite-options.ts';
import type { PGlite } from '@electric-sql/pglite';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Database, Param, Sql } from '../database.ts';
import { runTransaction, type Connection } from '../run-transaction.ts';
import { createSeat, watchMemory } from './engine-seat.ts';
import { createGate } from './gate.ts';
import { createEngineMaintenance } from './maintenance.ts';
import { markDamaged, startPglite } from './start-pglite.ts';
import { toStoreError } from './store-error.ts';

/** What a transaction or the database itself runs statements with. */
interface Runner {
  query(text: string, params?: unknown[], options?: { blob: Blob }): Promise<{ rows: unknown[] }>;
  exec(text: string): Promise<unknown>;
}

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
    const result = await gate.inside(() => runTransaction(connectionOf(seat.engine), work));
    await maintenance.afterTransaction();
    return result;
  };
  const looking = watchMemory(seat, gate, options);
  return {
    query: <Row extends object>(text: string, params?: readonly Param[]) => gate.enter(() => runQuery<Row>(seat.engine, text, params)),
    exec: (text) => gate.enter(() => runExec(seat.engine, text)),
    copy: (into, rows) => gate.enter(() => runCopy(seat.engine, into, rows)),
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

async function runQuery<Row extends object>(runner: Runner, text: string, params: readonly Param[] = []): Promise<Row[]> {
  try {
    return (await runner.query(text, params as unknown[])).rows as Row[];
  } catch (error) {
    throw toStoreError(error);
  }
}

async function runExec(runner: Runner, text: string): Promise<void> {
  try {
    await runner.exec(text);
  } catch (error) {
    throw toStoreError(error);
  }
}

/** The engine reads what a client would send from a file of its own. */
async function runCopy(runner: Runner, into: string, rows: string): Promise<void> {
  try {
    await runner.query(`copy ${into} from '/dev/blob'`, [], { blob: new Blob([rows]) });
  } catch (error) {
    throw toStoreError(error);
  }
}

function connectionOf(engine: PGlite): Connection {
  return {
    query: (text, params) => runQuery(engine, text, params),
    exec: (text) => runExec(engine, text),
    copy: (into, rows) => runCopy(engine, into, rows),
    async commit() {
      try {
        const [result] = await engine.exec('commit');
        return result?.command === 'ROLLBACK' ? 'rolled back' : 'committed';
      } catch (error) {
        throw toStoreError(error);
      }
    },
  };
}
