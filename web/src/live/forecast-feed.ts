import type { Api } from './api.ts';
import type { Store } from './store.ts';

/** The detector judges a minute just after it closes. */
const AFTER_MS = 1500;
const EVERY_MS = 5000;

/** Keeps the forecast in step with the minutes that close: asks soon after `minuteClosed`, at most every five seconds. A
 *  forecast that does not come is left out and harms nothing. `later`: runs work after a time, in milliseconds. */
export function createForecastFeed(
  { store, api }: { readonly store: Store; readonly api: Pick<Api, 'forecast'> },
  later: (work: () => void, ms: number) => void,
): { readonly load: () => Promise<void>; readonly minuteClosed: () => void } {
  let isDue = false;
  let isResting = false;
  const load = async (): Promise<void> => {
    const forecast = await api.forecast().catch(() => null);
    store.dispatch({ type: 'forecast', forecast });
  };
  const minuteClosed = (): void => {
    if (isResting) {
      isDue = true;
      return;
    }
    isResting = true;
    later(() => void load(), AFTER_MS);
    later(() => {
      isResting = false;
      if (!isDue) return;
      isDue = false;
      minuteClosed();
    }, EVERY_MS);
  };
  return { load, minuteClosed };
}
