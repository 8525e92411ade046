import type { Clock } from '../clock.ts';

/** Wrong codes that one address, and all together, may send in a window. */
const ADDRESS_MOST = 10;
const ALL_MOST = 100;
const WINDOW_MS = 10 * 60_000;

/** Counts wrong guesses. */
export interface GuessLimit {
  /** Whether this address may guess now. */
  allows(address: string | null): boolean;
  /** Notes a guess, before it is known to be wrong. Returns what takes it back. */
  note(address: string | null): () => void;
}

/** Makes the limit. Memory is bounded: nobody may guess once `ALL_MOST` guesses are remembered. */
export function createGuessLimit(clock: Pick<Clock, 'monotonic'>): GuessLimit {
  const guesses = new Set<{ readonly address: string | null; readonly at: number }>();
  return {
    allows(address) {
      const since = clock.monotonic() - WINDOW_MS;
      for (const guess of guesses) if (guess.at <= since) guesses.delete(guess);
      return guesses.size < ALL_MOST && [...guesses].filter((guess) => guess.address === address).length < ADDRESS_MOST;
    },
    note(address) {
      const guess = { address, at: clock.monotonic() };
      guesses.add(guess);
      return () => void guesses.delete(guess);
    },
  };
}
