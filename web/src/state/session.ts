import { ApiError, type Api } from './api.ts';

/** Trades the one-time token of the address (`/?token=...`) for a cookie, and removes it from the address bar first, so
 *  that it is in no history entry, whatever happens next. Returns false when the server refused the token. */
export async function openSessionFromAddress(api: Api, location: Location, history: History): Promise<boolean> {
  const address = new URL(location.href);
  const token = address.searchParams.get('token');
  if (token === null) return true;
  address.searchParams.delete('token');
  history.replaceState(null, '', `${address.pathname}${address.search}${address.hash}`);
  try {
    await api.openSession(token);
    return true;
  } catch (error) {
    // A used token does not matter while an older cookie still works: the first load will tell.
    if (error instanceof ApiError && error.status !== 0) return false;
    throw error;
  }
}
