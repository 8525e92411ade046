import { ApiError, type Api } from './api.ts';

/** Reads what the address says about the session: a one-time token (`/?token=...`), which is traded for a cookie, or
 *  `?link=expired`, with which the server answers a used one. Both leave the address bar first, so that no history entry
 *  keeps them. Returns false when the link was refused; an older cookie may still work. */
export async function openSessionFromAddress(
  api: Pick<Api, 'openSession'>,
  location: Pick<Location, 'href'>,
  history: Pick<History, 'replaceState'>,
): Promise<boolean> {
  const address = new URL(location.href);
  const token = address.searchParams.get('token');
  const isRefused = address.searchParams.get('link') === 'expired';
  if (token === null && !isRefused) return true;
  address.searchParams.delete('token');
  address.searchParams.delete('link');
  history.replaceState(null, '', `${address.pathname}${address.search}${address.hash}`);
  if (token === null) return false;
  try {
    await api.openSession(token);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return error.status === 0;
    throw error;
  }
}
