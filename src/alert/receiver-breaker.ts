/** `closed`: sends go out; `open`: none does until a wait is over; `half_open`: one is under way, and decides. */
export type BreakerState = 'closed' | 'open' | 'half_open';

export const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half_open', 'open'];

/** The breakers of all receivers: one that fails is tried by one send at a time, whatever waits for it. */
export interface Breakers {
  /** How many sends may begin at `now`, epoch milliseconds, beside `underWay`; at most `most`. */
  room(receiver: string, now: number, sends: { readonly underWay: number; readonly most: number }): number;
  /** A send begins. */
  begin(receiver: string): void;
  /** A send has ended; `waitMs` until its next attempt, null when it was delivered. */
  note(receiver: string, waitMs: number | null, now: number): void;
  stateOf(receiver: string): BreakerState;
}

/** Opens after so many failures in a row. */
const FAILURES = 5;
/** A receiver that is back is found within this time. */
const LONGEST_WAIT_MS = 30_000;

interface Breaker {
  readonly state: BreakerState;
  readonly failures: number;
  readonly openUntil: number;
}

const CLOSED: Breaker = { state: 'closed', failures: 0, openUntil: 0 };

/** Creates closed breakers. `changed`: called with each state, the first one included. */
export function createBreakers(receivers: readonly string[], changed: (receiver: string, state: BreakerState) => void): Breakers {
  const breakers = new Map<string, Breaker>();
  const set = (receiver: string, breaker: Breaker): void => {
    const before = breakers.get(receiver);
    breakers.set(receiver, breaker);
    if (before?.state !== breaker.state) changed(receiver, breaker.state);
  };
  const of = (receiver: string): Breaker => breakers.get(receiver) ?? CLOSED;
  for (const receiver of receivers) set(receiver, CLOSED);
  return {
    room: (receiver, now, { underWay, most }) => {
      const { state, openUntil } = of(receiver);
      if (state === 'closed') return Math.max(0, most - underWay);
      return underWay > 0 || (state === 'open' && now < openUntil) ? 0 : 1;
    },
    begin: (receiver) => {
      const breaker = of(receiver);
      if (breaker.state === 'open') set(receiver, { ...breaker, state: 'half_open' });
    },
    note: (receiver, waitMs, now) => {
      if (waitMs === null) return set(receiver, CLOSED);
      const failures = of(receiver).failures + 1;
      const isOpen = failures >= FAILURES;
      set(receiver, { state: isOpen ? 'open' : 'closed', failures, openUntil: isOpen ? now + Math.min(waitMs, LONGEST_WAIT_MS) : 0 });
    },
    stateOf: (receiver) => of(receiver).state,
  };
}
