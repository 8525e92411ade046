import { useCallback, useState } from 'react';
import { useLoaded, type Loaded } from './loaded.ts';

/** A part of a list, and where the next one begins; null: this is the last. */
export interface ListPart<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** A list that is read part by part. */
export interface LoadedList<T> extends Loaded<readonly T[]> {
  /** Reads one part more; null when there is none. */
  readonly more: (() => void) | null;
}

/** Reads the parts that were asked for, from the newest on. `load`: one part; `cursor` '': the first. */
export function useLoadedList<T>(load: (cursor: string) => Promise<ListPart<T>>): LoadedList<T> {
  const [wanted, setWanted] = useState<{ readonly by: unknown; readonly parts: number }>({ by: load, parts: 1 });
  const parts = wanted.by === load ? wanted.parts : 1;
  const read = useCallback(async () => {
    const items: T[] = [];
    let cursor: string | null = '';
    for (let part = 0; part < parts && cursor !== null; part += 1) {
      const next: ListPart<T> = await load(cursor);
      items.push(...next.items);
      cursor = next.next_cursor;
    }
    return { items, hasMore: cursor !== null };
  }, [load, parts]);
  const { value, ...rest } = useLoaded(read);
  const more = useCallback(() => setWanted({ by: load, parts: parts + 1 }), [load, parts]);
  return { ...rest, value: value?.items ?? null, more: value?.hasMore === true ? more : null };
}
