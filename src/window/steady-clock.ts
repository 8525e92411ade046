import type { Logger } from 'pino';
import { wholeMs, type Clock } from '../clock.ts';

/** The time by which silence is judged. */
export interface SteadyClock {
  /** Whole epoch milliseconds: the wall clock, but for its jumps. */
  now(): number;
  /** Lets the event time of a live record say which is right after a jump. True when the wall clock is and time has passed
   *  that nobody saw, as when the machine has slept. */
  hear(eventAt: number): boolean;
}

/** Slewing and leap seconds are followed, larger steps are jumps. */
const STEP_MS = 60_000;

/** Creates a clock that does not believe a jump of the wall clock until records confirm it: a wrong clock must not make silence
 *  of two hours in an instant. `liveWithinMs`: how near to a clock a record must be to speak for it. */
export function createSteadyClock({ clock, log }: { readonly clock: Clock; readonly log: Logger }, liveWithinMs: number): SteadyClock {
  let offset = clock.now() - clock.monotonic();
  let jumped = false;

  const now = (): number => {
    const wall = clock.now();
    const steady = wholeMs(clock.monotonic() + offset);
    const step = wall - steady;
    if (Math.abs(step) <= STEP_MS) {
      if (jumped) log.info('wall clock is back: minutes close by it again');
      jumped = false;
      offset += step;
      return wall;
    }
    if (!jumped) log.warn({ by_s: Math.round(step / 1000) }, 'wall clock jumped: jump ignored until records confirm it');
    jumped = true;
    return steady;
  };
  return {
    now,
    hear(eventAt) {
      const steady = now();
      const wall = clock.now();
      if (!jumped || Math.abs(wall - eventAt) > liveWithinMs || Math.abs(wall - eventAt) >= Math.abs(steady - eventAt)) return false;
      log.info({ by_s: Math.round((wall - steady) / 1000) }, 'records confirm the wall clock jump');
      offset = wall - clock.monotonic();
      jumped = false;
      return wall > steady;
    },
  };
}
