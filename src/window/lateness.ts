import { MINUTE_MS, minuteOf } from '../clock.ts';
import type { StoredLateness } from '../store/verbs/window/window-closer.ts';

/** Upper ends of the classes of lateness, milliseconds after the end of a minute. */
const CLASSES_MS = [0, 1000, 2000, 3000, 5000, 8000, 13_000, 20_000, 30_000, 45_000, 60_000, 90_000] as const;

/** Share of the records that may come after their minute was closed; they correct it. */
const SHARE_AFTER = 0.001;
/** Added to the learnt wait: what is usual is not yet what is certain. */
const MARGIN_MS = 2000;
const READY_RECORDS = 300;
const READY_MINUTES = 10;
/** What a minute ago counts less than now: half after half an hour. */
const FADE = 0.5 ** (1 / 30);

/** How late the records of a live stream come, learnt from the records themselves. */
export interface Lateness {
  /** Notes a live record: event time and arrival, epoch milliseconds, and for how many transactions it stands. */
  note(occurredAt: number, ingestedAt: number, count: number): void;
  /** How long after its end a minute has to wait until all but one in a thousand transactions have usually come, at most
   *  `mostMs`; `mostMs` while too little is known. */
  waitMs(mostMs: number): number;
  /** What was learnt, as it is stored; null before the first record. */
  saved(): StoredLateness | null;
}

/** Creates a memory that goes on from what was stored, by default from nothing. It depends only on what it was given. */
export function createLateness(stored: StoredLateness | null = null): Lateness {
  const weights = Float64Array.from({ length: CLASSES_MS.length + 1 }, (_, index) => stored?.weights[index] ?? 0);
  let total = stored?.total ?? 0;
  let minutes = stored?.minutes ?? 0;
  let lastMinute = stored?.lastMinute ?? Number.NEGATIVE_INFINITY;
  let waiting: number | null = null;

  return {
    note(occurredAt, ingestedAt, count) {
      const minute = minuteOf(occurredAt);
      if (minute > lastMinute) {
        for (let index = 0; index < weights.length; index += 1) weights[index] = (weights[index] ?? 0) * FADE;
        total *= FADE;
        minutes += 1;
        lastMinute = minute;
        waiting = null;
      }
      const lateMs = ingestedAt - minute - MINUTE_MS;
      const found = CLASSES_MS.findIndex((end) => lateMs <= end);
      const index = found < 0 ? CLASSES_MS.length : found;
      weights[index] = (weights[index] ?? 0) + count;
      total += count;
    },
    waitMs(mostMs) {
      if (minutes < READY_MINUTES || total < READY_RECORDS) return mostMs;
      waiting ??= learntWait(weights, total);
      return Math.min(mostMs, waiting);
    },
    saved: () => (minutes === 0 ? null : { weights: [...weights], total, minutes, lastMinute }),
  };
}

function learntWait(weights: Float64Array, total: number): number {
  let after = total;
  for (const [index, end] of CLASSES_MS.entries()) {
    after -= weights[index] ?? 0;
    if (after <= total * SHARE_AFTER) return end + MARGIN_MS;
  }
  return Number.POSITIVE_INFINITY;
}
