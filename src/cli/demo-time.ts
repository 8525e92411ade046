import type { Clock } from '../clock.ts';

/** The event time of a demonstration, which lies behind the clock until it has caught up. */
export interface DemoTime {
  /** Epoch milliseconds: the last instant for which traffic is out; the clock's time before any is, and once it has caught up. */
  now(): number;
  /** Traffic is out up to `endMs`, epoch milliseconds. */
  reach(endMs: number): void;
  /** It has caught up with the clock, and goes on with it. */
  live(): void;
  /** Minutes of traffic in a minute; 1 once it has caught up. */
  speed(): number;
}

/** Minutes of traffic in a minute, until it has caught up. */
export const DEMO_SPEED = 60;

/** Less behind than this is live: a minute is sent when it is over. */
const LIVE_WITHIN_MS = 120_000;

/** Creates the time that records without a timestamp get in a demonstration: at the clock's time they would close hours in which
 *  nothing has been simulated yet. */
export function createDemoTime(clock: Clock): DemoTime {
  let speed = DEMO_SPEED;
  let reached = Number.POSITIVE_INFINITY;
  return {
    now() {
      const wall = clock.now();
      return wall - reached > LIVE_WITHIN_MS ? reached - 1 : wall;
    },
    reach(endMs) {
      reached = endMs;
    },
    live() {
      speed = 1;
    },
    speed: () => speed,
  };
}
