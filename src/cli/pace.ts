import { setTimeout as sleep } from 'node:timers/promises';
import type { Cli } from './cli.ts';

/** Plays event time at a multiple of the clock. */
export interface Pace {
  /** Resolves when an event of that time (epoch milliseconds) is due; at once when it is late, and when we are stopped. */
  until(eventMs: number): Promise<void>;
  /** Event time that has come, epoch milliseconds. */
  position(): number;
}

/** Starts now, with `startMs` of event time. `speed`: event seconds in a second. */
export function createPace(cli: Pick<Cli, 'clock' | 'signal'>, startMs: number, speed: number): Pace {
  const began = cli.clock.monotonic();
  return {
    position: () => startMs + (cli.clock.monotonic() - began) * speed,
    async until(eventMs) {
      const wait = began + (eventMs - startMs) / speed - cli.clock.monotonic();
      if (wait <= 0 || cli.signal.aborted) return;
      await sleep(wait, undefined, { signal: cli.signal }).catch(() => undefined);
    },
  };
}
