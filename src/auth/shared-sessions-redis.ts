import type { Clock } from '../clock.ts';
import type { Redis } from '../redis/connection.ts';
import type { SharedSessions } from './shared-sessions.ts';

/** Links and sessions on a Redis server. Every key ends with what it is about. */
export function createRedisSessions(redis: Redis, clock: Pick<Clock, 'now'>): SharedSessions {
  const ended = 'ended-sessions';
  return {
    async useLink(nonce, expiresAt) {
      const value = Math.max(1, expiresAt - clock.now());
      const answer = await redis.run((at) => at.set(`link:${nonce}`, '1', { condition: 'NX', expiration: { type: 'PX', value } }));
      return answer !== null;
    },
    async end(id, expiresAt) {
      await redis.run((at) => at.multi().zAdd(ended, { score: expiresAt, value: id }).zRemRangeByScore(ended, '-inf', clock.now()).exec());
    },
    async listEnded() {
      const found = await redis.run((at) => at.zRangeByScoreWithScores(ended, `(${clock.now()}`, '+inf'));
      return new Map(found.map(({ value, score }) => [value, score]));
    },
  };
}
