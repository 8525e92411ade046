import { useCallback, useEffect, useState } from 'react';
import { RANGES_H, type RangeHours } from '../../live/model.ts';

/** What a link brings back: the open anomaly (`#an_...`), the filter (`?q=...`), the period in hours (`?h=...`) and the merchant
 *  whose chart is shown (`?merchant=...`). */
export function useAddress() {
  const [openId, setOpenId] = useState(readOpenId);
  const [query, setQueryState] = useState(() => readParameter('q') ?? '');
  const [merchant, setMerchantState] = useState(() => readParameter('merchant'));
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
    writeParameter('q', next === '' ? null : next);
  }, []);
  const setMerchant = useCallback((next: string | null) => {
    setMerchantState(next);
    writeParameter('merchant', next);
  }, []);
  return { openId, show, query, setQuery, merchant, setMerchant };
}

/** The period that the address asks for; null without one, or with one that the page does not offer. */
export function readRange(): RangeHours | null {
  const hours = Number(readParameter('h'));
  return RANGES_H.find((range) => range === hours) ?? null;
}

/** Puts the period into the address. */
export function writeRange(range: RangeHours): void {
  writeParameter('h', String(range));
}

const readParameter = (name: string): string | null => new URL(location.href).searchParams.get(name);

function writeParameter(name: string, value: string | null): void {
  const address = new URL(location.href);
  if (value === null) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  history.replaceState(null, '', address);
}

function readOpenId(): string | null {
  return /^#(an_[\w-]+)$/.exec(location.hash)?.[1] ?? null;
}
