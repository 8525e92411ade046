/** A sleep that another part of the program can end. */
export interface WakeSignal {
  /** Ends the sleep, or makes the next one end at once. */
  notify(): void;
  /** Sleeps for at most `ms`. One sleeper at a time. */
  wait(ms: number): Promise<void>;
}

/** Creates an alarm that also rings, and from then on never lets anybody sleep, when `signal` aborts. */
export function createWakeSignal(signal: AbortSignal): WakeSignal {
  let notified = false;
  let wakeUp: () => void = () => undefined;
  const notify = (): void => {
    notified = true;
    wakeUp();
  };
  signal.addEventListener('abort', notify, { once: true });
  return {
    notify,
    async wait(ms) {
      if (!notified && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wakeUp = resolve;
        const timer = setTimeout(resolve, ms);
        await promise;
        clearTimeout(timer);
      }
      notified = false;
    },
  };
}
