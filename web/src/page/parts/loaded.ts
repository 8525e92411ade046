import { useCallback, useEffect, useRef, useState } from 'react';
import { messageOf } from '../../live/ask.ts';
import { useWords } from '../../ui/locale.tsx';

const REFRESH_MS = 15_000;

/** What was read from the server, and read again every 15 seconds. */
export interface Loaded<T> {
  /** Null before the first answer. */
  readonly value: T | null;
  /** When it was read, the page's clock; null before the first answer. */
  readonly readAt: number | null;
  /** Why the last reading failed; null when it did not. What was read before stays. */
  readonly failure: string | null;
  readonly reload: () => void;
}

interface Read<T> {
  readonly by: unknown;
  readonly locale: string;
  readonly value: T | null;
  readonly readAt: number | null;
  readonly failure: string | null;
}

const NOTHING = { value: null, readAt: null, failure: null };

/** Reads with `load`, at once when it or the language changes: what another `load` or language brought is not shown as
 *  the answer. `everyMs`: how often; after a reading that failed, 15 seconds at the latest. */
export function useLoaded<T>(load: () => Promise<T>, everyMs = REFRESH_MS): Loaded<T> {
  const { locale } = useWords();
  const [read, setRead] = useState<Read<T>>({ by: load, locale, ...NOTHING });
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    let isWanted = true;
    let asked = 0;
    let shown = 0;
    // Of two readings the later one counts, whichever is answered first.
    const take = (number: number, next: (before: Read<T>) => Read<T>) => {
      if (!isWanted || number < shown) return;
      shown = number;
      setRead((before) => next(before.by === load && before.locale === locale ? before : { by: load, locale, ...NOTHING }));
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    again.current = () => {
      const number = (asked += 1);
      const readAgainIn = (ms: number) => {
        if (!isWanted || number !== asked) return;
        clearTimeout(timer);
        timer = setTimeout(() => again.current(), ms);
      };
      readAgainIn(everyMs);
      load().then(
        (value) => take(number, () => ({ by: load, locale, value, readAt: Date.now(), failure: null })),
        (error: unknown) => {
          take(number, (before) => ({ ...before, failure: messageOf(error) }));
          readAgainIn(Math.min(everyMs, REFRESH_MS));
        },
      );
    };
    again.current();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [load, everyMs, locale]);
  const reload = useCallback(() => again.current(), []);
  const { value, readAt, failure } = read.by === load && read.locale === locale ? read : NOTHING;
  return { value, readAt, failure, reload };
}
