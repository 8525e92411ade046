import type { PgliteOptions } from './pglite-options.ts';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PGlite } from '@electric-sql/pglite';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import type { Database, Param, Sql } from '../database.ts';
import { createMaintenance } from './maintenance.ts';
import { markDamaged, startPglite } from './start-pglite.ts';
import { isEngineDeath, toStoreError } from './store-error.ts';

/** What a transaction or the database itself runs statements with. */
interface Runner {
  query(text: string, params?: unknown[], options?: { blob: Blob }): Promise<{ rows: unknown[] }>;
  exec(text: string): Promise<unknown>;
}

/** Opens the embedded database in `dir` (made when missing) or in memory: one connection, statements of several callers
 *  take turns, a transaction holds the connection until it ends. Throws STORE_CORRUPT when the directory holds something
 *  that cannot be opened, STORE_UNAVAILABLE when the disk refuses. One process per directory: see `data-dir-lock.ts`. */
export async function openPglite(options: PgliteOptions): Promise<Database> {
  const engine = await startPglite(options);
  const gate = createGate(engine, (error) => {
    if ('dir' in options && error.code === 'STORE_CORRUPT') markDamaged(options.dir, error.message);
    options.log.error({ err: error }, 'the database can serve no more');
    options.onDeath?.(error);
  });
  const maintenance = createMaintenance(engine, options);
  const transact = async <T>(work: (tx: Sql) => Promise<T>): Promise<T> => {
    const result = await gate.inside(() => runTransaction(engine, work));
    await maintenance.afterTransaction();
    return result;
  };
  return {
    query: <Row extends object>(text: string, params?: readonly Param[]) => gate.enter(() => runQuery<Row>(engine, text, params)),
    exec: (text) => gate.enter(() => runExec(engine, text)),
    copy: (into, rows) => gate.enter(() => runCopy(engine, into, rows)),
    transaction: (work) => gate.enter(() => transact(work)),
    close: () => gate.close(),
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

/** Lets one caller in at a time, in order of arrival; nobody after close; nobody but the engine's own error once it died. */
function createGate(engine: PGlite, onDeath: (error: GuardianError) => void) {
  const scope = new AsyncLocalStorage<true>();
  let tail: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  let death: GuardianError | undefined;

  const admit = async <T>(work: () => Promise<T>): Promise<T> => {
    if (death !== undefined) throw death;
    try {
      return await work();
    } catch (error) {
      if (isEngineDeath(error) && death === undefined) {
        death = error;
        onDeath(error);
      }
      throw error;
    }
  };
  const enter = <T>(work: () => Promise<T>): Promise<T> => {
    if (scope.getStore() === true) {
      return Promise.reject(
        new GuardianError('INTERNAL', 'Inside a transaction its own handle must be used: the database waits for the transaction to end.'),
      );
    }
    if (closing !== undefined) return Promise.reject(new GuardianError('STORE_CLOSED', 'The database was closed.'));
    const turn = tail.then(() => admit(work));
    tail = turn.catch(() => undefined);
    return turn;
  };
  const close = (): Promise<void> => {
    closing ??= tail.then(async () => {
      // What a dead engine says at its end helps nobody.
      await engine.close().catch((error: unknown) => {
        if (death === undefined) throw toStoreError(error);
      });
    });
    return closing;
  };
  return { enter, close, inside: <T>(work: () => Promise<T>): Promise<T> => scope.run(true, work) };
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

/** `work`'s own error comes out unchanged after the rollback; a failed BEGIN or COMMIT comes out as a store error. */
async function runTransaction<T>(engine: PGlite, work: (tx: Sql) => Promise<T>): Promise<T> {
  await runExec(engine, 'begin');
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
    query: (text, params) => run(() => runQuery(engine, text, params)),
    exec: (text) => run(() => runExec(engine, text)),
    copy: (into, rows) => run(() => runCopy(engine, into, rows)),
  };
  try {
    const result = await work(tx);
    open = false;
    await commit(engine, failure);
    return result;
  } catch (error) {
    open = false;
    await runExec(engine, 'rollback').catch(() => undefined);
    throw error;
  }
}

/** PostgreSQL answers the commit of a transaction with a failed statement with a silent rollback: the failure comes out. */
async function commit(engine: PGlite, failure: unknown): Promise<void> {
  try {
    const [result] = await engine.exec('commit');
    if (result?.command === 'ROLLBACK') throw failure ?? new GuardianError('STORE_REFUSED', 'The transaction was rolled back.');
  } catch (error) {
    throw toStoreError(error);
  }
}
