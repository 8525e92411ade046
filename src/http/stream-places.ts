/** How many event streams may be open at a time. */
export interface StreamLimits {
  readonly total: number;
  /** Of one session; a browser has one for each tab. */
  readonly perSession: number;
  /** Of all programs without a session together: the rest stays free for browsers. */
  readonly withoutSession: number;
}

export const STREAM_LIMITS: StreamLimits = { total: 500, perSession: 20, withoutSession: 200 };

/** Hands out the places for event streams. */
export interface StreamPlaces {
  /** Takes a place for a session, or for a program without one (null). Returns what gives it back, once; null when there is
   *  none left. */
  take(session: string | null): (() => void) | null;
}

export function createStreamPlaces(limits: StreamLimits = STREAM_LIMITS): StreamPlaces {
  const taken = new Map<string | null, number>();
  let total = 0;
  return {
    take(session) {
      const own = taken.get(session) ?? 0;
      if (total >= limits.total || own >= (session === null ? limits.withoutSession : limits.perSession)) return null;
      taken.set(session, own + 1);
      total += 1;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        total -= 1;
        const left = (taken.get(session) ?? 1) - 1;
        if (left === 0) taken.delete(session);
        else taken.set(session, left);
      };
    },
  };
}
