import type { Sql } from '../store/database.ts';
import { readCloser, writeCloser, type CloserClaim } from '../store/verbs/window/window-closer.ts';
import {
  listMergedSegments,
  readMerge,
  writeMerge,
  type MergePosition,
  type StoredSegments,
} from '../store/verbs/window/window-segments.ts';
import { listOpenMinutes } from '../store/verbs/minute/write-minutes.ts';
import type { SegmentQueues } from './close-merge.ts';
import { createLateness } from './lateness.ts';
import type { Segment } from './segment.ts';
import { readSegments } from './segment-json.ts';
import type { CountingState } from './stream.ts';
import { mergeTally, type MinuteTally } from './tally.ts';

/** The merged stream as the database knows it, and what waits for it. */
export interface CloserState {
  readonly stream: CountingState;
  /** Of the last window that was sent. */
  sequence: number;
  readonly queues: SegmentQueues;
  /** Last row that was read, by partition. */
  readonly read: Map<number, number>;
  /** How far each partition is merged. */
  readonly merged: Map<number, MergePosition>;
}

/** Reads everything that closing goes on from. Open minutes are made from the merged segments again, which stay until their
 *  minutes are closed. */
export async function loadCloser(sql: Sql): Promise<CloserState> {
  const stored = await readCloser(sql);
  const open = new Map<number, MinuteTally | null>((await listOpenMinutes(sql)).map(({ minute }) => [minute, null]));
  const merged = new Map((await readMerge(sql)).map((position) => [position.partition, position]));
  for (const row of await listMergedSegments(sql)) {
    const position = merged.get(row.partition);
    const segments = readSegments(row.data ?? '[]');
    const known = position === undefined || row.id <= position.segment_id ? segments : segments.slice(0, position.parts);
    for (const { minutes } of known) for (const tally of minutes) restore(open, tally);
  }
  const read = new Map([...merged.values()].map(({ partition, segment_id }) => [partition, segment_id]));
  const stream: CountingState = {
    maxEventAt: stored.max_event_at,
    maxLiveEventAt: stored.max_live_event_at,
    lastArrivalAt: null,
    heldAt: stored.held_at,
    watermark: stored.watermark,
    lastClosed: stored.last_closed,
    isLive: stored.is_live,
    isTailHistory: stored.tail_backfill,
    absence: null,
    cut: [],
    lateness: createLateness(stored.lateness),
    open: new Map([...open].flatMap(([minute, tally]) => (tally === null ? [] : [[minute, tally] as const]))),
  };
  return { stream, sequence: stored.sequence, queues: new Map(), read, merged };
}

/** Puts the segments of a row in line, but for those that are merged already. */
export function enqueue(state: CloserState, row: StoredSegments, segments: readonly Segment[]): void {
  const { segment_id: mergedId = -1, parts = 0 } = state.merged.get(row.partition) ?? {};
  const isFirst = (state.read.get(row.partition) ?? -1) === mergedId;
  const queue = state.queues.get(row.partition) ?? [];
  for (const [part, segment] of segments.entries()) {
    if (isFirst && part < parts) continue;
    queue.push({ id: row.id, part, isLast: part === segments.length - 1, segment });
  }
  state.queues.set(row.partition, queue);
  state.read.set(row.partition, row.id);
}

function restore(open: Map<number, MinuteTally | null>, tally: MinuteTally): void {
  const known = open.get(tally.minute);
  if (known === undefined) return;
  if (known === null) open.set(tally.minute, tally);
  else mergeTally(known, tally);
}

/** Stores the merged stream, how far the partitions are merged, and forgets segments of closed minutes. Throws STORE_FENCED. */
export async function saveCloser(sql: Sql, claim: CloserClaim, state: CloserState, moved: ReadonlySet<number>): Promise<void> {
  const { stream } = state;
  await writeCloser(sql, claim, {
    max_event_at: stream.maxEventAt,
    max_live_event_at: stream.maxLiveEventAt,
    held_at: stream.heldAt,
    watermark: stream.watermark,
    last_closed: stream.lastClosed,
    is_live: stream.isLive,
    tail_backfill: stream.isTailHistory,
    sequence: state.sequence,
    lateness: stream.lateness.saved(),
  });
  const positions = [...state.merged.values()].filter(({ partition }) => moved.has(partition));
  await writeMerge(sql, positions, stream.open.size === 0 ? null : Math.min(...stream.open.keys()));
}
