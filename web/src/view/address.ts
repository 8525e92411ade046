import { useCallback, useEffect, useState } from 'react';

/** The open anomaly (`#an_...`) and the filter (`?q=...`) live in the address, so that a link brings both back. */
export function useAddress() {
  const [openId, setOpenId] = useState(readOpenId);
  const [query, setQueryState] = useState(() => new URL(location.href).searchParams.get('q') ?? '');
  useEffect(() => {
    const follow = () => setOpenId(readOpenId());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const show = useCallback((id: string | null) => {
    setOpenId(id);
    const { pathname, search } = location;
    history.replaceState(null, '', `${pathname}${search}${id === null ? '' : `#${id}`}`);
  }, []);
  const setQuery = useCallback((next: string) => {
    setQueryState(next);
    const address = new URL(location.href);
    if (next === '') address.searchParams.delete('q');
    else address.searchParams.set('q', next);
    history.replaceState(null, '', address);
  }, []);
  return { openId, show, query, setQuery };
}

function readOpenId(): string | null {
  return /^#(an_[\w-]+)$/.exec(location.hash)?.[1] ?? null;
}
