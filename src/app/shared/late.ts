import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Bus } from '../../bus/bus.ts';
import { GuardianError, messageOf, type ErrorCode } from '../../errors.ts';
import type { Database } from '../../store/database.ts';

const RETRY_MS = 1000;

/** Something on a server that is opened as soon as the server answers. */
export interface Late<T> {
  /** Resolves when it is open; never when it is closed before. */
  readonly opened: Promise<T>;
  /** Throws `code`, retryable, until then. */
  current(): T;
  isOpen(): boolean;
  /** Gives up. Resolves with what is open, for its owner to close. */
  stop(): Promise<T | undefined>;
}

/** Opens, and tries again until it is open. What cannot pass by waiting is tried again too, and is in the log. */
export function openLate<T>(
  open: () => Promise<T>,
  { log, what, code }: { readonly log: Logger; readonly what: string; readonly code: ErrorCode },
): Late<T> {
  const ending = new AbortController();
  let value: { readonly it: T } | undefined;
  let reason = 'not yet';
  const opened = Promise.withResolvers<T>();
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        value = { it: await open() };
        opened.resolve(value.it);
        return;
      } catch (error) {
        const next = messageOf(error);
        if (next !== reason) log.warn({ reason: next }, `${what} cannot be opened yet, retrying`);
        reason = next;
      }
      await sleep(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    opened: opened.promise,
    current() {
      if (value !== undefined) return value.it;
      throw new GuardianError(code, `${what} is not open: ${reason}`, { retryable: true });
    },
    isOpen: () => value !== undefined,
    async stop() {
      ending.abort();
      await running;
      return value?.it;
    },
  };
}

/** A database that refuses until it is open. */
export function lateDatabase(late: Late<Database>): Database {
  return {
    query: async (text, params) => late.current().query(text, params),
    exec: async (text) => late.current().exec(text),
    copy: async (into, rows) => late.current().copy(into, rows),
    transaction: async (work) => late.current().transaction(work),
    close: async () => (await late.stop())?.close(),
  };
}

/** A log that refuses until it is open. */
export function lateBus(late: Late<Bus>): Bus {
  return {
    publish: async (topic, records) => late.current().publish(topic, records),
    subscribe: async (options) => late.current().subscribe(options),
    ranges: async (topic) => late.current().ranges(topic),
    offsetAt: async (topic, partition, timeMs) => late.current().offsetAt(topic, partition, timeMs),
    close: async () => (await late.stop())?.close(),
  };
}
