import type { Redis } from '../redis/connection.ts';
import { ACCEPTED_FOR_MS, type AcceptedIds } from './accepted-ids.ts';

const MOST_AT_ONCE = 1000;

/** Ids on a Redis server, a key for each that expires by itself. */
export function createRedisAcceptedIds(redis: Redis, forMs = ACCEPTED_FOR_MS): AcceptedIds {
  const keyOf = (id: string): string => `id:${id}`;
  return {
    async find(ids) {
      const known = new Map<string, string>();
      for (const some of chunksOf(ids)) {
        const hashes = await redis.run((at) => at.mGet(some.map((id) => keyOf(id))));
        for (const [index, id] of some.entries()) {
          const hash = hashes[index];
          if (typeof hash === 'string') known.set(id, hash);
        }
      }
      return known;
    },
    async add(entries) {
      for (const some of chunksOf([...entries])) {
        await redis.run((at) => {
          const many = at.multi();
          for (const [id, hash] of some) many.set(keyOf(id), hash, { condition: 'NX', expiration: { type: 'PX', value: forMs } });
          return many.execAsPipeline();
        });
      }
    },
  };
}

function* chunksOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += MOST_AT_ONCE) yield items.slice(start, start + MOST_AT_ONCE);
}
