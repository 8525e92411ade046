import { useCallback, useEffect, useRef, useState } from 'react';
import type { Maintenance, Silence } from '@transaction-guardian/contracts/silence.ts';
import type { Api } from '../../live/api.ts';

const REFRESH_MS = 15_000;

/** What is on the server, read again every 15 seconds; null before the first answer. */
export interface Loaded<T> {
  readonly value: T | null;
  /** Why it could not be read; null when it could. What was read before stays. */
  readonly failure: string | null;
  readonly reload: () => void;
}

function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const read = useRef<() => void>(() => undefined);
  useEffect(() => {
    let isWanted = true;
    read.current = () => {
      load().then(
        (next) => {
          if (!isWanted) return;
          setValue(next);
          setFailure(null);
        },
        (error: unknown) => {
          if (isWanted) setFailure(error instanceof Error ? error.message : String(error));
        },
      );
    };
    read.current();
    const timer = setInterval(() => read.current(), REFRESH_MS);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [load]);
  const reload = useCallback(() => read.current(), []);
  return { value, failure, reload };
}

/** Silences of all kinds, and maintenance windows. */
export function useSilences(api: Pick<Api, 'silences' | 'maintenance'>): Loaded<{
  readonly silences: readonly Silence[];
  readonly windows: readonly Maintenance[];
}> {
  const load = useCallback(async () => {
    const [silences, windows] = await Promise.all([api.silences({ limit: '100' }), api.maintenance()]);
    return { silences: silences.items, windows: windows.items };
  }, [api]);
  return useLoaded(load);
}

/** The silences that hide something now, by id; empty while `isNeeded` is false. */
export function useActiveSilences(api: Pick<Api, 'silences'>, isNeeded: boolean): ReadonlyMap<string, Silence> {
  const load = useCallback(async () => {
    if (!isNeeded) return new Map<string, Silence>();
    return new Map((await api.silences({ status: 'active', limit: '1000' })).items.map((silence) => [silence.id, silence]));
  }, [api, isNeeded]);
  return useLoaded(load).value ?? NONE;
}

const NONE: ReadonlyMap<string, Silence> = new Map();
