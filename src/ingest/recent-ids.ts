/** Ids that ingestion remembers by default. */
export const RECENT_IDS = 200_000;

/** Bounded memory of ids and the hash of what came with them. */
export interface RecentIds {
  get(id: string): string | undefined;
  add(id: string, contentHash: string): void;
  readonly size: number;
}

/** Remembers at least the last `capacity / 2` and at most `capacity` ids: two generations, the older one is dropped whole,
 *  so that adding costs one map write and nothing is ever moved. */
export function createRecentIds(capacity: number): RecentIds {
  const half = Math.max(1, Math.ceil(capacity / 2));
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  return {
    get: (id) => young.get(id) ?? old.get(id),
    add(id, contentHash) {
      if (young.size >= half) [old, young] = [young, new Map()];
      young.set(id, contentHash);
    },
    get size() {
      return young.size + old.size;
    },
  };
}
