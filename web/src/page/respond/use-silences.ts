import { useCallback } from 'react';
import type { HeldForeignAlert, Maintenance, Silence } from '@transaction-guardian/contracts/silence.ts';
import type { Api } from '../../live/api.ts';
import { useLoaded, type Loaded } from '../parts/loaded.ts';

/** Silences of all kinds, what is held back of the alerts of other rules, and maintenance windows. */
export function useSilences(api: Pick<Api, 'silences' | 'maintenance'>): Loaded<{
  readonly silences: readonly Silence[];
  readonly elsewhere: readonly HeldForeignAlert[];
  readonly windows: readonly Maintenance[];
}> {
  const load = useCallback(async () => {
    const [silences, windows] = await Promise.all([api.silences({ limit: '100' }), api.maintenance()]);
    return { silences: silences.items, elsewhere: silences.elsewhere, windows: windows.items };
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
