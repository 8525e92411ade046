import type { Segment } from './segment.ts';

/** A counted segment in line: `id` of the row that holds it, `part` its place in that row, `isLast` of the row. */
export interface QueuedSegment {
  readonly id: number;
  readonly part: number;
  readonly isLast: boolean;
  readonly segment: Segment;
}

/** Segments that wait for the closer, by partition, each in the order of its partition. */
export type SegmentQueues = Map<number, QueuedSegment[]>;

/** Takes the next segment of the merged stream out of its queue: the one with the lowest mark, of the lowest partition where
 *  several have the same. Null when there is none, or when a partition in `behind` could still count something lower: these
 *  are the partitions with accepted records that are not counted yet, with the mark up to which they are (null at their start).
 *  All others are idle: what they have is in their queue, and they hold nobody up. */
export function takeLowest(
  queues: SegmentQueues,
  behind: ReadonlyMap<number, number | null>,
): { readonly partition: number; readonly next: QueuedSegment } | null {
  let lowest: { readonly partition: number; readonly next: QueuedSegment } | null = null;
  for (const [partition, queue] of queues) {
    const next = queue[0];
    if (next === undefined) continue;
    const isLower =
      lowest === null ||
      next.segment.mark < lowest.next.segment.mark ||
      (next.segment.mark === lowest.next.segment.mark && partition < lowest.partition);
    if (isLower) lowest = { partition, next };
  }
  if (lowest === null) return null;
  for (const [partition, mark] of behind) {
    if (partition === lowest.partition || (queues.get(partition)?.length ?? 0) > 0) continue;
    if (mark === null || mark < lowest.next.segment.mark) return null;
  }
  queues.get(lowest.partition)?.shift();
  return lowest;
}
