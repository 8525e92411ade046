/** Keeps the calls of one upload in the order in which they began. */
export interface Order {
  /** Resolves when `ready` and the `ready` of every earlier call have settled; rejects like `ready`. */
  pass(ready: Promise<void>): Promise<void>;
}

/** Makes the order of one upload. A call whose questions are answered late must not be overtaken by the next one: minutes would
 *  close before all their records had come. */
export function createOrder(): Order {
  let last: Promise<unknown> = Promise.resolve();
  return {
    pass(ready) {
      const mine = last.then(() => ready);
      ready.catch(() => undefined);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
