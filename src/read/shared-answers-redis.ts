import type { Redis } from '../redis/connection.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** Answers on a Redis server. */
export function createRedisAnswers(redis: Redis): SharedAnswers {
  const keyOf = (name: string): string => `answer:${name}`;
  return {
    get: (name) => redis.run((at) => at.get(keyOf(name))),
    async put(name, answer, forMs) {
      await redis.run((at) => at.set(keyOf(name), answer, { expiration: { type: 'PX', value: forMs } }));
    },
  };
}
