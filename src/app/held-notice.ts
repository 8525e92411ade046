import type { SpoolState } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';

/** Stages come back to the log later than the spool that has drained into it: after a long absence of the brokers, when they have a
 *  partition again. */
const AFTER_LEAST_MS = 20_000;
const AFTER_MOST_MS = 120_000;

/** Reports come every second: more questions than this have no more answers. */
const ASKED_EVERY_MS = 500;

/** Since when a process holds records, epoch milliseconds, for those who close minutes; null: none. What it has put on the log counts as held
 *  for as long again as it held it, 20 s to two minutes: several processes bring what they held beside each other, and who reads it must
 *  know that it is not in order. Whoever closes minutes and has seen it once waits until everything is counted. */
export function createHeldNotice(state: () => Pick<SpoolState, 'oldestAt'>, clock: Pick<Clock, 'monotonic'>): () => number | null {
  let since: number | null = null;
  let [firstAt, lastAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return () => {
    const { oldestAt } = state();
    if (oldestAt !== null) {
      if (since === null) firstAt = clock.monotonic();
      since = Math.min(since ?? oldestAt, oldestAt);
      lastAt = clock.monotonic();
    } else if (clock.monotonic() - lastAt > Math.min(Math.max(lastAt - firstAt, AFTER_LEAST_MS), AFTER_MOST_MS)) since = null;
    return since;
  };
}

/** What `read` says, asked twice a second at most however often batches are counted. Throws what `read` throws. */
export function createHeldReading(read: () => Promise<number | null>, clock: Pick<Clock, 'monotonic'>): () => Promise<number | null> {
  let last: { readonly at: number; readonly since: number | null } | undefined;
  return async () => {
    const at = clock.monotonic();
    if (last === undefined || at - last.at >= ASKED_EVERY_MS) last = { at, since: await read() };
    return last.since;
  };
}
