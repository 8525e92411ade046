import type { GuardianError } from '../errors.ts';

/** A place for what comes and goes. */
export interface Slot<T> {
  put(value: T): void;
  /** Takes that value out, where it still is the one. */
  take(value: T): void;
  /** What is there now. Throws when nothing is. */
  now(): T;
  /** What is there within the time of the slot. Rejects when nothing has come. */
  soon(): Promise<T>;
}

/** Makes an empty slot. `waitMs`: how long `soon` waits; 0: as long as `now`. `refuse`: what is thrown. */
export function createSlot<T extends object>(waitMs: number, refuse: () => GuardianError): Slot<T> {
  let value: T | undefined;
  const waiting = new Set<(value: T) => void>();
  const now = (): T => {
    if (value === undefined) throw refuse();
    return value;
  };
  return {
    put(next) {
      value = next;
      for (const resolve of waiting) resolve(next);
    },
    take(gone) {
      if (value === gone) value = undefined;
    },
    now,
    async soon() {
      if (value !== undefined || waitMs === 0) return now();
      const coming = Promise.withResolvers<T>();
      waiting.add(coming.resolve);
      const timer = setTimeout(() => coming.reject(refuse()), waitMs);
      return coming.promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(coming.resolve);
      });
    },
  };
}
