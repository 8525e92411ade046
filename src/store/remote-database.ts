import { AsyncLocalStorage } from 'node:async_hooks';
import { GuardianError } from '../errors.ts';
import type { Database, Param, Sql } from './database.ts';
import type { Wire } from '../wire/wire.ts';
import { fromWire, toWire } from '../wire/wire-error.ts';
import type { Request, Response } from './remote-protocol.ts';

/** A request without its number. */
type Ask = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** The database that `serveDatabase` offers at the other end of `port`. Errors keep code, data and `retryable`. When the
 *  other side closes or dies, what waits and what comes later rejects with STORE_UNAVAILABLE. `close` ends only this
 *  connection. */
export function connectDatabase(port: Wire): Database {
  const { ask, shut } = createAsker(port);
  const insideTransaction = new AsyncLocalStorage<true>();
  const runner = (tx?: number): Sql => ({
    query: async <Row extends object>(text: string, params: readonly Param[] = []) =>
      (await ask({ kind: 'query', text, params, ...(tx === undefined ? {} : { tx }) })) as Row[],
    exec: async (text) => void (await ask({ kind: 'exec', text, ...(tx === undefined ? {} : { tx }) })),
    copy: async (text, rows) => void (await ask({ kind: 'copy', text, rows, ...(tx === undefined ? {} : { tx }) })),
  });
  const refuseInside = (): void => {
    if (insideTransaction.getStore() !== true) return;
    throw new GuardianError('INTERNAL', 'Inside a transaction its own handle must be used: the database waits for the transaction to end.');
  };
  const direct = runner();
  return {
    async query<Row extends object>(text: string, params?: readonly Param[]) {
      refuseInside();
      return direct.query<Row>(text, params);
    },
    async exec(text) {
      refuseInside();
      return direct.exec(text);
    },
    async copy(into, rows) {
      refuseInside();
      return direct.copy(into, rows);
    },
    async transaction(work) {
      refuseInside();
      const [opened] = (await ask({ kind: 'begin' })) as readonly { readonly tx: number }[];
      const tx = opened?.tx ?? 0;
      try {
        const result = await insideTransaction.run(true, () => work(runner(tx)));
        await ask({ kind: 'commit', tx });
        return result;
      } catch (error) {
        await ask({ kind: 'rollback', tx }).catch(() => undefined);
        throw error;
      }
    },
    close: async () => shut(new GuardianError('STORE_CLOSED', 'The connection to the database was closed.')),
  };
}

/** Numbers requests and waits for their answers. */
function createAsker(port: Wire) {
  const waiting = new Map<number, PromiseWithResolvers<readonly object[]>>();
  let next = 1;
  let end: GuardianError | undefined;

  const shut = (reason: GuardianError): void => {
    if (end !== undefined) return;
    end = reason;
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
    port.close();
  };
  port.on('message', (response: Response) => {
    const waiter = waiting.get(response.id);
    waiting.delete(response.id);
    if (waiting.size === 0) port.unref();
    if ('error' in response) waiter?.reject(fromWire(response.error));
    else waiter?.resolve(response.rows ?? []);
  });
  port.on('close', () =>
    shut(new GuardianError('STORE_UNAVAILABLE', 'The part of the program that holds the database has gone.', { retryable: true })),
  );
  // Listening keeps a process alive; an idle connection must not.
  port.unref();

  const ask = (request: Ask): Promise<readonly object[]> => {
    if (end !== undefined) return Promise.reject(end);
    const id = next++;
    const waiter = Promise.withResolvers<readonly object[]>();
    waiting.set(id, waiter);
    port.ref();
    try {
      port.postMessage({ ...request, id });
    } catch (error) {
      waiting.delete(id);
      waiter.reject(new GuardianError('STORE_REFUSED', 'A parameter cannot be sent to the database.', { cause: error }));
    }
    return waiter.promise;
  };
  return { ask, shut };
}

/** When a transaction of the other side is rolled back, so that the database is free again: after `transactionMs` from its begin
 *  (default 10 000), or, where `idleMs` is given, only when the other side asks for nothing in it for so long. */
export type TransactionLimit = { readonly transactionMs?: number } | { readonly idleMs: number };

export type ServeOptions = TransactionLimit & {
  /** Called after each commit of the other side, and after what it writes without a transaction. */
  readonly committed?: () => void;
};

/** One transaction of the other side, open in ours. */
interface OpenTransaction {
  /** Runs one request of it. */
  use<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  /** Ends it; resolves when it has ended. Rejects when the commit failed. */
  end(commit: boolean): Promise<void>;
}

/** Offers `database` at `port`, for `connectDatabase` at the other end. A transaction of the other side is exclusive while it is
 *  open, and rolled back when it exceeds its limit or the other side goes. Ends when the port closes; never closes `database`. */
export function serveDatabase(port: Wire, database: Database, options: ServeOptions = {}): void {
  const open = new Map<number, OpenTransaction>();
  const limit: Limit = 'idleMs' in options ? { ms: options.idleMs, isIdle: true } : { ms: options.transactionMs ?? 10_000, isIdle: false };
  let isGone = false;

  const find = (id: number): OpenTransaction => {
    const found = open.get(id);
    if (found !== undefined) return found;
    const what = limit.isIdle ? `was idle for ${limit.ms} ms` : `took longer than ${limit.ms} ms`;
    throw new GuardianError('STORE_UNAVAILABLE', `The transaction ${what} and was rolled back.`, { retryable: true });
  };
  const run = async <T>(tx: number | undefined, work: (sql: Sql) => Promise<T>): Promise<T> => {
    if (tx !== undefined) return find(tx).use(work);
    const result = await work(database);
    options.committed?.();
    return result;
  };
  const answer = async (request: Request): Promise<readonly object[]> => {
    switch (request.kind) {
      case 'query':
        return run(request.tx, (sql) => sql.query(request.text, request.params));
      case 'exec':
        await run(request.tx, (sql) => sql.exec(request.text));
        return [];
      case 'copy':
        await run(request.tx, (sql) => sql.copy(request.text, request.rows));
        return [];
      case 'begin': {
        const begun = await begin(database, limit, () => open.delete(request.id));
        // Nobody is left to end it.
        if (isGone) await begun.end(false);
        else open.set(request.id, begun);
        return [{ tx: request.id }];
      }
      case 'commit':
        await find(request.tx).end(true);
        options.committed?.();
        return [];
      case 'rollback':
        await open.get(request.tx)?.end(false);
        return [];
    }
  };
  port.on('message', (request: Request) => {
    answer(request).then(
      (rows) => port.postMessage({ id: request.id, rows } satisfies Response),
      (error: unknown) => port.postMessage({ id: request.id, error: toWire(error) } satisfies Response),
    );
  });
  port.on('close', () => {
    isGone = true;
    for (const transaction of open.values()) void transaction.end(false);
  });
}

interface Limit {
  readonly ms: number;
  /** It counts the time in which nothing is asked for. */
  readonly isIdle: boolean;
}

const ROLLBACK = Symbol('rollback');

async function begin(database: Database, limit: Limit, onEnd: () => void): Promise<OpenTransaction> {
  const started = Promise.withResolvers<Sql>();
  const decided = Promise.withResolvers<boolean>();
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const watch = (): void => {
    clearTimeout(timer);
    if (!hasEnded) timer = setTimeout(() => decided.resolve(false), limit.ms);
  };
  const done = database.transaction(async (tx) => {
    started.resolve(tx);
    watch();
    const commit = await decided.promise;
    hasEnded = true;
    clearTimeout(timer);
    onEnd();
    // Throwing is the port's way to say "roll back".
    if (!commit) throw ROLLBACK;
  });
  const ended = done.catch((error: unknown) => {
    started.reject(error);
    if (error !== ROLLBACK) throw error;
  });
  ended.catch(() => undefined);
  const tx = await started.promise;
  return {
    async use(work) {
      if (limit.isIdle) clearTimeout(timer);
      try {
        return await work(tx);
      } finally {
        if (limit.isIdle) watch();
      }
    },
    end: (commit) => {
      decided.resolve(commit);
      return ended;
    },
  };
}
