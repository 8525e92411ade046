import type { MessagePort, Worker } from 'node:worker_threads';
import { GuardianError } from '../errors.ts';
import { fromWire, toWire, type WireError } from '../wire/wire-error.ts';

/** Both ends of a thread: a `Worker` seen from outside, `parentPort` seen from inside. */
type Port = Pick<Worker, 'postMessage' | 'on' | 'off'> | MessagePort;

interface Call {
  readonly call: number;
  readonly name: string;
  readonly args: unknown;
}
interface Answer {
  readonly answer: number;
  readonly value?: unknown;
  readonly error?: WireError;
}

type Handlers = { readonly [name: string]: (args: never) => unknown };

/** Answers calls that come through `port`. Errors travel without their cause. */
export function serveCalls(port: Port, handlers: Handlers): void {
  port.on('message', (message: Call | Answer) => {
    if (!('call' in message)) return;
    const handler = handlers[message.name];
    const run = async (): Promise<unknown> => {
      if (handler === undefined) throw new GuardianError('INTERNAL', `No handler for the call ${message.name}.`);
      return await handler(message.args as never);
    };
    run().then(
      (value) => port.postMessage({ answer: message.call, value } satisfies Answer),
      (error: unknown) => port.postMessage({ answer: message.call, error: toWire(error) } satisfies Answer),
    );
  });
}

export interface Caller {
  /** Calls a handler at the other end. Rejects with its error, or with STORE_UNAVAILABLE once the other end is gone. */
  call<T>(name: string, args?: unknown): Promise<T>;
  /** Rejects what is still waiting; call it when the other end has died. */
  abandon(reason: string): void;
}

/** Calls the handlers that `serveCalls` offers at the other end of `port`. */
export function createCaller(port: Port): Caller {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let next = 1;
  let gone: string | undefined;
  port.on('message', (message: Call | Answer) => {
    if (!('answer' in message)) return;
    const waiter = waiting.get(message.answer);
    waiting.delete(message.answer);
    if (message.error === undefined) waiter?.resolve(message.value);
    else waiter?.reject(fromWire(message.error));
  });
  return {
    async call<T>(name: string, args?: unknown): Promise<T> {
      if (gone !== undefined) throw unavailable(gone);
      const waiter = Promise.withResolvers<unknown>();
      waiting.set(next, waiter);
      port.postMessage({ call: next++, name, args } satisfies Call);
      return (await waiter.promise) as T;
    },
    abandon(reason) {
      gone = reason;
      for (const waiter of waiting.values()) waiter.reject(unavailable(reason));
      waiting.clear();
    },
  };
}

function unavailable(reason: string): GuardianError {
  return new GuardianError('STORE_UNAVAILABLE', reason, { retryable: true });
}
