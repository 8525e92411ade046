import type { Redis } from '../redis/connection.ts';
import { ADDRESS_MOST, ALL_MOST, GUESS_WINDOW_MS, type GuessLimit } from './guess-limit.ts';

/** Counts guesses on a Redis server, in a window that starts with the first of them. What is refused counts too and does not extend it. */
export function createRedisGuessLimit(redis: Redis, windowMs = GUESS_WINDOW_MS): GuessLimit {
  const all = 'guesses';
  return {
    async take(address) {
      const own = `guesses:${address ?? ''}`;
      const [ofAddress, , ofAll] = await redis.run((at) =>
        at.multi().incr(own).pExpire(own, windowMs, 'NX').incr(all).pExpire(all, windowMs, 'NX').execTyped(),
      );
      const takeBack = (): void => {
        // A counter that has expired meanwhile would stay below zero for ever.
        redis
          .run((at) => at.multi().decr(own).pExpire(own, windowMs, 'NX').decr(all).pExpire(all, windowMs, 'NX').exec())
          .catch(() => undefined);
      };
      return ofAddress > ADDRESS_MOST || ofAll > ALL_MOST ? null : takeBack;
    },
  };
}
