import { useCallback, useEffect, useState } from 'react';
import { RANGES_H, type RangeHours } from '../live/model.ts';
import { pathOf, routeOf, type ConsoleRoute } from './route.ts';

/** What the address says: the page (its path), and what goes with it from page to page: the filter (`?q=...`), the period in hours
 *  (`?h=...`) and the merchant whose chart is shown (`?merchant=...`). */
interface Address {
  readonly route: ConsoleRoute;
  readonly query: string;
  readonly merchant: string | null;
}

/** Follows the address, also back and forward, and moves in it. `onRange`: going back or forward asks for another period. */
export function useAddress(onRange: (range: RangeHours) => void) {
  const [address, setAddress] = useState(readAddress);
  useEffect(() => {
    const follow = () => {
      setAddress(readAddress());
      const range = readRange();
      if (range !== null) onRange(range);
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [onRange]);
  const go = useCallback((route: ConsoleRoute) => {
    const path = addressOf(route);
    // The same page again is no step to go back over.
    history[path === location.pathname + location.search ? 'replaceState' : 'pushState'](null, '', path);
    setAddress(readAddress());
  }, []);
  const setQuery = useCallback((next: string) => {
    writeParameter('q', next === '' ? null : next);
    setAddress(readAddress());
  }, []);
  const setMerchant = useCallback((next: string | null) => {
    writeParameter('merchant', next);
    setAddress(readAddress());
  }, []);
  return { ...address, go, setQuery, setMerchant };
}

/** What goes with the address from page to page; the filters of a page stay with it. */
const CARRIED: ReadonlySet<string> = new Set(['q', 'h', 'merchant']);

/** The address of a page, with what goes from page to page. */
export function addressOf(route: ConsoleRoute): string {
  const kept = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => CARRIED.has(name))).toString();
  return pathOf(route) + (kept === '' ? '' : `?${kept}`);
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

function readAddress(): Address {
  const route = routeOf(location);
  // A link of an earlier release becomes the address of its page.
  if (route.page === 'anomaly' && location.pathname === '/') history.replaceState(null, '', pathOf(route) + location.search);
  return { route, query: readParameter('q') ?? '', merchant: readParameter('merchant') };
}

/** One parameter of the address; null without it. */
export const readParameter = (name: string): string | null => new URL(location.href).searchParams.get(name);

/** Sets one parameter of the address, or removes it; that is no step to go back over. */
export function writeParameter(name: string, value: string | null): void {
  const address = new URL(location.href);
  if (value === null) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  history.replaceState(null, '', address);
}
