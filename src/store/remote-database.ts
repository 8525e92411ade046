import { AsyncLocalStorage } from 'node:async_hooks';
import type { MessagePort } from 'node:worker_threads';
import { GuardianError } from '../errors.ts';
import type { Database, Param, Sql } from './database.ts';
import { fromWire, toWire, type Request, type Response } from './remote-protocol.ts';

/** A request without its number. */
type Ask = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** The database that `serveDatabase` offers at the other end of `port`. Errors keep code, data and `retryable`. When the
 *  other side closes or dies, what waits and what comes later rejects with STORE_UNAVAILABLE. `close` ends only this
 *  connection. */
export function connectDatabase(port: MessagePort): Database {
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
function createAsker(port: MessagePort) {
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

export interface ServeOptions {
  /** Longest transaction, from begin to commit; then it is rolled back and the database is free again (default 10 000). */
  readonly transactionMs?: number;
}

/** One transaction of the other side, open in ours. */
interface OpenTransaction {
  readonly tx: Sql;
  /** Ends it; resolves when it has ended. Rejects when the commit failed. */
  end(commit: boolean): Promise<void>;
}

/** Offers `database` at `port`, for `connectDatabase` in another thread. A transaction of the other side is exclusive while it
 *  is open, and rolled back when it exceeds its time or the other side goes. Ends when the port closes; never closes
 *  `database`. */
export function serveDatabase(port: MessagePort, database: Database, options: ServeOptions = {}): void {
  const open = new Map<number, OpenTransaction>();
  const limitMs = options.transactionMs ?? 10_000;

  const find = (id: number): OpenTransaction => {
    const found = open.get(id);
    if (found !== undefined) return found;
    throw new GuardianError('STORE_UNAVAILABLE', `The transaction took longer than ${limitMs} ms and was rolled back.`, {
      retryable: true,
    });
  };
  const answer = async (request: Request): Promise<readonly object[]> => {
    switch (request.kind) {
      case 'query':
        return (request.tx === undefined ? database : find(request.tx).tx).query(request.text, request.params);
      case 'exec':
        await (request.tx === undefined ? database : find(request.tx).tx).exec(request.text);
        return [];
      case 'copy':
        await (request.tx === undefined ? database : find(request.tx).tx).copy(request.text, request.rows);
        return [];
      case 'begin':
        open.set(request.id, await begin(database, limitMs, () => open.delete(request.id)));
        return [{ tx: request.id }];
      case 'commit':
        await find(request.tx).end(true);
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
    for (const transaction of open.values()) void transaction.end(false);
  });
}

const ROLLBACK = Symbol('rollback');

async function begin(database: Database, limitMs: number, onEnd: () => void): Promise<OpenTransaction> {
  const started = Promise.withResolvers<Sql>();
  const decided = Promise.withResolvers<boolean>();
  const done = database.transaction(async (tx) => {
    started.resolve(tx);
    const timer = setTimeout(() => decided.resolve(false), limitMs);
    const commit = await decided.promise;
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
  return {
    tx: await started.promise,
    end: (commit) => {
      decided.resolve(commit);
      return ended;
    },
  };
}
