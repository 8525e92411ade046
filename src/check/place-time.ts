import { instantAtArrival } from './arrival-pass.ts';
import { createFileOrder, type RepeatedStretch } from './file-order.ts';
import type { WallClock } from './time-zone.ts';
import { parseTimestamp } from './timestamp.ts';

export interface PlaceTimeOptions {
  readonly wall: WallClock;
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number;
  readonly maxFutureMs: number;
}

/** Distinguishes the two passes of repeated local times in one upload or file. */
export interface PlaceTime {
  /** Names the instant of the next row (ISO 8601, UTC) in its `timestamp` where a clock change repeats it and the order of the
   *  rows, or the time of arrival in what begins within the repeated time, decides its pass. Leaves all else as it is. */
  place(row: Record<string, unknown>): void;
  readonly repeated: readonly RepeatedStretch[];
}

/** Fields that may differ between the two rows of one step. */
const VALUES = new Set(['id', 'timestamp', 'count', 'amount']);
const Z = 90;

/** Makes the placing of one upload or file. */
export function createPlaceTime({ wall, now, maxFutureMs }: PlaceTimeOptions): PlaceTime {
  const order = createFileOrder(wall);
  let localMs = Number.NaN;
  const keep = (ms: number): number => (localMs = ms);

  return {
    place(row) {
      const text = row['timestamp'];
      if (typeof text !== 'string' || text.charCodeAt(text.length - 1) === Z) return;
      localMs = Number.NaN;
      parseTimestamp(text, keep);
      if (Number.isNaN(localMs)) return;
      const { first, second } = wall(localMs);
      const isRepeated = first !== second && !Number.isNaN(first);
      const arrived = isRepeated && !order.hasPlace ? instantAtArrival(wall, localMs, now(), maxFutureMs) : Number.NaN;
      const instant = Number.isNaN(arrived) ? order.place(localMs, keyOf(row)) : arrived;
      if (isRepeated && !Number.isNaN(instant)) row['timestamp'] = new Date(instant).toISOString();
    },
    repeated: order.repeated,
  };
}

/** What a row of counts says besides its numbers; null for a single transaction. */
function keyOf(row: Readonly<Record<string, unknown>>): string | null {
  if (row['count'] === undefined) return null;
  let key = '';
  for (const name in row) if (!VALUES.has(name)) key += `${String(row[name])}\u001f`;
  return key;
}
