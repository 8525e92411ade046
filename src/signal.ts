/** A sleep that another part of the program can end. */
export interface Alarm {
  /** Ends the sleep, or makes the next one end at once. */
  ring(): void;
  /** Sleeps for at most `ms`. One sleeper at a time. */
  wait(ms: number): Promise<void>;
}

/** Creates an alarm that also rings, and from then on never lets anybody sleep, when `signal` aborts. */
export function createAlarm(signal: AbortSignal): Alarm {
  let rung = false;
  let wakeUp: () => void = () => undefined;
  const ring = (): void => {
    rung = true;
    wakeUp();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async wait(ms) {
      if (!rung && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wakeUp = resolve;
        const timer = setTimeout(resolve, ms);
        await promise;
        clearTimeout(timer);
      }
      rung = false;
    },
  };
}
