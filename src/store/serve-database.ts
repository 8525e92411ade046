import type { MessagePort } from 'node:worker_threads';
import { GuardianError } from '../errors.ts';
import type { Database, Sql } from './database.ts';
import { toWire, type Request, type Response } from './remote-protocol.ts';

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
    throw new GuardianError('STORE_UNAVAILABLE', `The transaction took longer than ${limitMs} ms and was rolled back.`, { retryable: true });
  };
  const answer = async (request: Request): Promise<readonly object[]> => {
    switch (request.kind) {
      case 'query':
        return (request.tx === undefined ? database : find(request.tx).tx).query(request.text, request.params);
      case 'exec':
        await (request.tx === undefined ? database : find(request.tx).tx).exec(request.text);
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
