/** What memory an engine may keep. */
export interface EngineMemory {
  /** Memory of the engine from which it is opened again, bytes. */
  readonly mostBytes: number;
  /** Between two looks (default 10 s). */
  readonly lookMs?: number;
}

export interface MemoryLook {
  readonly bytes: number;
  /** Share of the time since the last look in which the engine had work. */
  readonly busyShare: number;
  /** Monotonic time, ms. */
  readonly now: number;
}

/** The engine has so little to do that nobody notices a pause of a second. */
const QUIET_SHARE = 0.25;
/** Quiet looks in a row. */
const QUIET_LOOKS = 6;
/** From then on it is opened again whether it is quiet or not. */
const BUSY_MS = 3_600_000;
const LONGEST_MS = 86_400_000;

/** Decides when an engine is opened again because of its memory: after six quiet looks in a row, or after an hour above the limit.
 *  A company that needs more than the limit would have it opened again for ever, so an engine that is back above the limit waits:
 *  for an hour, then twice as long each time, for a day at most. Returns a function that is called at each look and says
 *  whether now is the time. */
export function createMemoryWatch(mostBytes: number): (look: MemoryLook) => boolean {
  let quietLooks = 0;
  let aboveSince: number | undefined;
  let openedAt: number | undefined;
  let restMs = 0;

  return ({ bytes, busyShare, now }) => {
    if (bytes <= mostBytes) {
      quietLooks = 0;
      aboveSince = undefined;
      if (openedAt !== undefined && now - openedAt > LONGEST_MS) restMs = 0;
      return false;
    }
    aboveSince ??= now;
    quietLooks = busyShare < QUIET_SHARE ? quietLooks + 1 : 0;
    if (openedAt !== undefined && now - openedAt < restMs) return false;
    if (quietLooks < QUIET_LOOKS && now - aboveSince < BUSY_MS) return false;
    quietLooks = 0;
    aboveSince = undefined;
    openedAt = now;
    restMs = Math.min(LONGEST_MS, Math.max(BUSY_MS, restMs * 2));
    return true;
  };
}
