/** Where the address is kept that somebody asked for before signing in. */
const KEY = 'guardian.wanted';
/** As long as a link lasts. */
const KEPT_MS = 15 * 60_000;

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Keeps the page that somebody wants, for a link that opens in another tab. */
export function keepWanted(path: string, now: number, storage?: Kept): void {
  try {
    (storage ?? localStorage).setItem(KEY, JSON.stringify({ path, until: now + KEPT_MS }));
  } catch {
    // Private windows may refuse storage: then a link leads to the first page.
  }
}

/** The page that was wanted in the last 15 minutes, once; null without one. It is always one of this console. */
export function takeWanted(now: number, storage?: Kept): string | null {
  try {
    const place = storage ?? localStorage;
    const kept: unknown = JSON.parse(place.getItem(KEY) ?? 'null');
    place.removeItem(KEY);
    if (typeof kept !== 'object' || kept === null || !('path' in kept) || !('until' in kept)) return null;
    const { path, until } = kept;
    const isRecent = typeof until === 'number' && until > now && until <= now + KEPT_MS;
    return isRecent && typeof path === 'string' && isLocal(path) ? path : null;
  } catch {
    return null;
  }
}

/** Whether an address is a page of this console, however it is written: `//host`, `/\host` and `/.//host` are not. */
export function isLocal(path: string): boolean {
  if (!path.startsWith('/') || path.startsWith('//')) return false;
  const read = new URL(path, 'http://console.invalid');
  return read.origin === 'http://console.invalid' && !read.pathname.startsWith('//');
}
