import { useCallback, useEffect, useState } from 'react';
import { readParameter, writeParameter } from '../address.ts';

/** Filters of a page by name; '' for all. */
export type Filters<Name extends string> = Readonly<Record<Name, string>>;

/** Filters that stand in the address, so that a link or a reload shows the same list. `names`: must not change between renders. */
export function useFilters<const Name extends string>(
  names: readonly Name[],
): { readonly filters: Filters<Name>; readonly set: (name: Name, value: string) => void } {
  const read = useCallback(
    () => Object.fromEntries(names.map((name) => [name, readParameter(name) ?? ''])) as Record<Name, string>,
    [names],
  );
  const [filters, setFilters] = useState(read);
  useEffect(() => {
    const follow = () => setFilters(read());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [read]);
  const set = useCallback(
    (name: Name, value: string) => {
      writeParameter(name, value === '' ? null : value);
      setFilters(read());
    },
    [read],
  );
  return { filters, set };
}
