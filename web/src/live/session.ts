import type { Api } from './api.ts';
import { ApiError } from './ask.ts';

/** Reads what the address says about the session: a one-time token (`/?token=...`), which is traded for a cookie, or
 *  `?link=expired`, with which the server answers a used one. Both leave the address bar first, so that no history entry
 *  keeps them. A link without a page of its own leads to the page that somebody `wanted` before. Returns false when the link
 *  was refused; an older cookie may still work. */
export async function openSessionFromAddress(
  api: Pick<Api, 'openSession'>,
  location: Pick<Location, 'href'>,
  history: Pick<History, 'replaceState'>,
  wanted: () => string | null,
): Promise<boolean> {
  const address = new URL(location.href);
  const token = address.searchParams.get('token');
  const isRefused = address.searchParams.get('link') === 'expired';
  if (token === null && !isRefused) return true;
  address.searchParams.delete('token');
  address.searchParams.delete('link');
  // Whole: the path `//host` alone would be the address of another server, which the browser refuses.
  history.replaceState(null, '', address.href);
  if (token === null) return false;
  try {
    await api.openSession(token);
    const page = wanted();
    if (page !== null && address.pathname === '/') history.replaceState(null, '', page);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return error.status === 0;
    throw error;
  }
}
