import type { Segment } from './segment.ts';

/** Segments that a worker of this process has just stored, so that the closer need not read them back. */
export interface RecentSegments {
  /** Keeps the segments of a committed row; whoever takes them may change them. */
  keep(id: number, segments: Segment[]): void;
  /** Takes them out; undefined when they are not here. */
  take(id: number): Segment[] | undefined;
  ids(): number[];
}

/** Enough for the batches between two runs of the closer. */
const MOST_ROWS = 16;

/** Creates an empty memory. It only saves work: what is not in it is in the database. */
export function createRecentSegments(): RecentSegments {
  const rows = new Map<number, Segment[]>();
  return {
    keep(id, segments) {
      rows.set(id, segments);
      const [oldest] = rows.keys();
      if (rows.size > MOST_ROWS && oldest !== undefined) rows.delete(oldest);
    },
    take(id) {
      const segments = rows.get(id);
      rows.delete(id);
      return segments;
    },
    ids: () => [...rows.keys()],
  };
}
