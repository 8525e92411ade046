/** A flag that somebody can wait for. Set before the wait, it ends the wait at once. */
export interface Latch {
  set(): void;
  /** Resolves when the flag is set or after `timeoutMs`, and takes the flag down. */
  wait(timeoutMs: number): Promise<void>;
}

/** A latch for one waiter at a time. */
export function createLatch(): Latch {
  let isSet = false;
  let release: (() => void) | undefined;
  return {
    set() {
      isSet = true;
      release?.();
    },
    async wait(timeoutMs) {
      if (!isSet) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          release = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      release = undefined;
      isSet = false;
    },
  };
}
