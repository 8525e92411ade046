import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { PartitionRange } from '../bus/bus.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import { isGuardianError } from '../errors.ts';
import type { Database, Sql } from '../store/database.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { claimCloser, type CloserClaim } from '../store/verbs/window/window-closer.ts';
import { listSegments, readPartitionProgress, type StoredSegments } from '../store/verbs/window/window-segments.ts';
import type { MinuteState } from '@transaction-guardian/contracts/window.ts';
import { takeLowest, type QueuedSegment } from './close-merge.ts';
import { enqueue, loadCloser, saveCloser, type CloserState } from './close-state.ts';
import { createCloseWork } from './close-work.ts';
import type { RecentSegments } from './recent-segments.ts';
import type { Segment } from './segment.ts';
import { readSegments } from './segment-json.ts';
import { holdBack, isLiveAt, letGo, liveWaitMs, takeSegment, takeTime, type Absence, type StreamRules } from './stream.ts';

/** What a committed run of the closer did, for metrics. */
export interface Closed {
  readonly closed: readonly MinuteState[];
  readonly lateRecords: number;
  readonly messages: number;
  /** Segments that were merged. */
  readonly segments: number;
}

/** Merges what the partitions counted into one stream and closes its minutes. One worker of a group does it. */
export interface Closer {
  /** Takes the closing over for one assignment of partition 0. Throws STORE_FENCED, STORE_UNAVAILABLE. */
  claim(claim: CloserClaim): Promise<void>;
  /** Merges what was counted and closes what that ends, in one transaction. Does nothing without a claim, and gives it up when
   *  another worker closes. Throws STORE_UNAVAILABLE: then nothing has happened. */
  merge(): Promise<void>;
  /** As `merge`, and lets the wall clock close minutes of a live stream where every accepted record is counted and merged. */
  tick(nowMs: number): Promise<void>;
  /** Event time up to which minutes are closed, epoch milliseconds; null while unknown. */
  watermark(): number | null;
}

export interface CloserDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly group: string;
  /** Extents of the partitions of the log. */
  readonly ranges: () => Promise<readonly PartitionRange[]>;
  /** Since when accepted records are held that no partition has yet, epoch milliseconds; null when there are none. */
  readonly heldSince?: (() => Promise<number | null>) | undefined;
  /** What the workers of this process have just stored. */
  readonly recent?: RecentSegments;
  /** Called with the event time of the newest record that is not history. True when time has passed in which nobody listened. */
  readonly hear?: (eventAt: number) => boolean;
  /** True once after a time in which the program did not run. */
  readonly hasPaused?: (() => boolean) | undefined;
  /** Called after each commit. */
  readonly committed: (closed: Closed) => void;
}

/** What the partitions hold at one moment: rows that were not read, and who still has something to count. */
interface View {
  readonly rows: readonly (StoredSegments & { readonly segments: readonly Segment[] })[];
  /** Mark of each partition with accepted records that are not counted; null before its first. */
  readonly behind: ReadonlyMap<number, number | null>;
  /** Partitions that may have rows which are not read yet. */
  readonly unread: ReadonlySet<number>;
  /** Since when records are held that no partition has yet. */
  readonly held: number | null;
  /** Everything that the log had is counted, and its rows are here. */
  readonly isWhole: boolean;
}

/** Most rows of a partition that wait in memory. The others wait in the database: one partition may be far behind. */
const MOST_ROWS = 32;
/** A process that cannot reach the log while others can holds the minutes of all back for so long. */
const HELD_MS = 300_000;

/** Creates a closer. Its state is kept between runs and read from the database after every failure. */
export function createCloser(deps: CloserDeps, rules: StreamRules): Closer {
  const { database, clock } = deps;
  let known: CloserState | null = null;
  let claimed: CloserClaim | null = null;
  /** Why nobody has listened, until a commit has it. */
  let absence: Absence | null = 'stopped';
  const patience = createPatience(clock, HELD_MS);

  /** The log is asked first: a partition that has counted up to that end has nothing lower to come, and its rows are there. */
  async function look({ read, queues }: CloserState): Promise<View> {
    // Before the extents: what is held no more is on the log by then.
    const heldSince = (await deps.heldSince?.()) ?? null;
    const ranges = await deps.ranges();
    const offsets = await readOffsets(database, { group: deps.group, topic: TOPICS.transactions });
    const late = ranges.filter(({ partition, earliest, next }) => Math.max(offsets.get(partition) ?? earliest, earliest) < next);
    const marks = late.length === 0 ? new Map<number, number>() : await readPartitionProgress(database);
    const behind = new Map(late.map(({ partition }) => [partition, marks.get(partition) ?? null]));
    const without = [...queues].filter(([, queue]) => rowsOf(queue) >= MOST_ROWS).map(([partition]) => partition);
    const stored = await listSegments(database, { read, without, owned: deps.recent?.ids() ?? [], limit: MOST_ROWS });
    const rows = stored.map((row) => ({ ...row, segments: deps.recent?.take(row.id) ?? readSegments(row.data ?? '[]') }));
    const held = patience(heldSince);
    const full = [...Map.groupBy(rows, (row) => row.partition)].filter(([, own]) => own.length >= MOST_ROWS);
    const unread = new Set([...without, ...full.map(([partition]) => partition)]);
    return { behind, rows, unread, held, isWhole: behind.size === 0 && unread.size === 0 };
  }

  /** Returns whether there may be more to merge at once. */
  async function run(claim: CloserClaim, tickMs: number | null): Promise<boolean> {
    const isFresh = known === null;
    const state = known ?? (await loadCloser(database));
    const view = await look(state).catch((error: unknown) => {
      patience(null);
      throw error;
    });
    const isIdle = view.rows.length === 0 && [...state.queues.values()].every((queue) => queue.length === 0);
    const mayTick = tickMs !== null && view.isWhole && (isFresh || isDue(state, rules, tickMs, view.held));
    const mayLetGo = state.stream.heldAt !== null && view.held === null && view.isWhole;
    if (isIdle && !mayTick && !mayLetGo) {
      known = state;
      return false;
    }
    // Until the commit is certain, memory is ahead of the database: a failure must not leave it so.
    known = null;
    if (absence !== null) state.stream.absence = absence;
    const closed = await database.transaction((tx) => step(tx, claim, state, view, mayTick ? tickMs : null));
    known = state;
    ({ absence } = state.stream);
    deps.committed(closed);
    return view.unread.size > 0 && closed.segments > 0;
  }

  async function step(tx: Sql, claim: CloserClaim, state: CloserState, view: View, tickMs: number | null): Promise<Closed> {
    const work = createCloseWork(state, tickMs !== null && view.rows.length === 0 ? tickMs : clock.now());
    const moved = new Set<number>();
    holdBack(state.stream, view.held);
    for (const row of view.rows) enqueue(state, row, row.segments);
    const behind = withUnread(view, state);
    let segments = 0;
    for (let lowest = takeLowest(state.queues, behind); lowest !== null; lowest = takeLowest(state.queues, behind)) {
      const { partition, next } = lowest;
      segments += 1;
      const { live } = next.segment;
      if (live !== null && deps.hear?.(live.occurredAt) === true) state.stream.absence ??= 'stopped';
      takeSegment(state.stream, rules, next.segment, work.events);
      for (const sentAt of next.segment.canaries ?? []) work.passCanary(sentAt);
      state.merged.set(partition, positionAfter(state, partition, next));
      moved.add(partition);
    }
    if (view.held === null && view.isWhole) letGo(state.stream, rules, work.events);
    if (tickMs !== null) takeTime(state.stream, rules, tickMs, work.events);
    const messages = await work.store(tx);
    await saveCloser(tx, claim, state, moved);
    return { closed: work.closed, lateRecords: work.lateRecords(), messages, segments };
  }

  async function guarded(tickMs: number | null): Promise<void> {
    const claim = claimed;
    if (claim === null) return;
    if (deps.hasPaused?.() === true) {
      absence = 'paused';
      // `tickMs` may have been read before the pause.
      if (tickMs !== null) return;
    }
    try {
      while (await run(claim, tickMs));
    } catch (error) {
      if (!isGuardianError(error, 'STORE_FENCED')) throw error;
      if (claimed === claim) claimed = null;
    }
  }

  return {
    async claim(claim) {
      await claimCloser(database, claim);
      known = null;
      claimed = claim;
    },
    merge: () => guarded(null),
    tick: guarded,
    watermark: () => known?.stream.watermark ?? null,
  };
}

/** Hands over what is held until it has been for `mostMs` without a break: from then on nobody waits for it. */
function createPatience(clock: Pick<Clock, 'monotonic'>, mostMs: number): (held: number | null) => number | null {
  let since: number | null = null;
  return (held) => {
    since = held === null ? null : (since ?? clock.monotonic());
    return since === null || clock.monotonic() - since > mostMs ? null : held;
  };
}

/** A partition with rows that are not read is behind where its line ends, also when nothing of it is left to count. */
function withUnread({ behind, unread }: View, { queues }: CloserState): ReadonlyMap<number, number | null> {
  if (unread.size === 0) return behind;
  const ends = [...unread].map((partition) => [partition, queues.get(partition)?.at(-1)?.segment.mark ?? null] as const);
  return new Map([...behind, ...ends]);
}

function rowsOf(queue: readonly QueuedSegment[]): number {
  return new Set(queue.map(({ id }) => id)).size;
}

/** True when the wall clock has a minute of the live stream to close that nothing holds (`held`: as in `View`), or a live stream to end. */
function isDue({ stream }: CloserState, rules: StreamRules, nowMs: number, held: number | null): boolean {
  if (!isLiveAt(stream, rules, nowMs)) return stream.isLive;
  if (stream.watermark === null) return true;
  const most = Math.min(held ?? Number.POSITIVE_INFINITY, stream.heldAt ?? Number.POSITIVE_INFINITY) - rules.lateMs;
  return Math.floor(Math.min(nowMs - liveWaitMs(stream, rules), most) / MINUTE_MS) > Math.floor(stream.watermark / MINUTE_MS);
}

function positionAfter(state: CloserState, partition: number, { id, part, isLast }: { id: number; part: number; isLast: boolean }) {
  const before = state.merged.get(partition)?.segment_id ?? -1;
  return isLast ? { partition, segment_id: id, parts: 0 } : { partition, segment_id: before, parts: part + 1 };
}
