import type { Sql } from '../store/database.ts';
import { listMinuteCounts } from '../store/verbs/list-minute-counts.ts';
import { listOpenParts } from '../store/verbs/list-open-parts.ts';
import { readWindowState, writeWindowState } from '../store/verbs/window-state.ts';
import { listOpenMinutes } from '../store/verbs/write-minutes.ts';
import { createLateness } from './lateness.ts';
import type { StreamState } from './stream.ts';
import { createTally, restoreCell, restorePart } from './tally.ts';

/** The stream as the database knows it, with the number of the last window and the version that it was read at. */
export interface CountingState {
  readonly stream: StreamState;
  sequence: number;
  version: number;
  /** Not stored: batches until all ids are believed to be new again. */
  wary: number;
}

/** Reads everything that counting goes on from: the marks of the stream and the counts of the minutes that are open. */
export async function loadState(sql: Sql): Promise<CountingState> {
  const stored = await readWindowState(sql);
  const open = new Map(
    (await listOpenMinutes(sql)).map((row) => {
      const tally = {
        ...createTally(row.minute),
        total: row.total,
        isAlive: row.alive,
        isObserved: row.observed,
        isHistory: row.backfill,
        trace: null,
        isIncomplete: row.state === 'incomplete',
      };
      return [row.minute, tally] as const;
    }),
  );
  for (const cell of await listMinuteCounts(sql, [...open.keys()])) {
    const tally = open.get(cell.minute);
    if (tally !== undefined) restoreCell(tally, cell);
  }
  for (const part of await listOpenParts(sql, [...open.keys()])) {
    const tally = open.get(part.minute);
    if (tally !== undefined) restorePart(tally, part);
  }
  const stream: StreamState = {
    maxEventAt: stored.max_event_at,
    maxLiveEventAt: stored.max_live_event_at,
    lastArrivalAt: null,
    watermark: stored.watermark,
    lastClosed: stored.last_closed,
    isLive: stored.is_live,
    isTailHistory: stored.tail_backfill,
    isAbsent: false,
    lateness: createLateness(stored.lateness),
    open,
  };
  return { stream, sequence: stored.sequence, version: stored.version, wary: 0 };
}

/** Stores the marks of the stream as the next version. Throws STORE_FENCED when another worker was there in between. */
export async function saveState(sql: Sql, state: CountingState): Promise<void> {
  const { stream, sequence, version } = state;
  await writeWindowState(sql, {
    max_event_at: stream.maxEventAt,
    max_live_event_at: stream.maxLiveEventAt,
    watermark: stream.watermark,
    last_closed: stream.lastClosed,
    is_live: stream.isLive,
    tail_backfill: stream.isTailHistory,
    sequence,
    version,
    lateness: stream.lateness.saved(),
  });
  state.version += 1;
}
