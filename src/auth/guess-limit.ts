import type { Clock } from '../clock.ts';

/** Wrong codes that one address, and all together, may send in a window. */
export const ADDRESS_MOST = 10;
export const ALL_MOST = 100;
export const GUESS_WINDOW_MS = 10 * 60_000;

/** Counts wrong guesses. Engines: `memory`, `redis`. */
export interface GuessLimit {
  /** Notes a guess of an address, before it is known to be wrong. Returns what takes it back; null: this address may not guess now. Throws
   *  when nobody can say. */
  take(address: string | null): Promise<(() => void) | null>;
}

/** Makes the limit of one process. Memory is bounded: nobody may guess once `ALL_MOST` guesses are remembered. */
export function createGuessLimit(clock: Pick<Clock, 'monotonic'>, windowMs = GUESS_WINDOW_MS): GuessLimit {
  const guesses = new Set<{ readonly address: string | null; readonly at: number }>();
  return {
    async take(address) {
      const since = clock.monotonic() - windowMs;
      for (const guess of guesses) if (guess.at <= since) guesses.delete(guess);
      const isOver = guesses.size >= ALL_MOST || [...guesses].filter((guess) => guess.address === address).length >= ADDRESS_MOST;
      if (isOver) return null;
      const guess = { address, at: clock.monotonic() };
      guesses.add(guess);
      return () => void guesses.delete(guess);
    },
  };
}

/** A limit of all processes together, with that of this process where the shared one cannot say. */
export function withLocalLimit(shared: GuessLimit, local: GuessLimit): GuessLimit {
  return {
    async take(address) {
      const forgive = await local.take(address);
      if (forgive === null) return null;
      const forgiveShared = await shared.take(address).catch(() => undefined);
      if (forgiveShared === null) return null;
      return () => {
        forgive();
        forgiveShared?.();
      };
    },
  };
}
