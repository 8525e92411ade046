import type { Redis } from './connection.ts';

/** One of several processes at a time: for what may be done twice, but should not be. */
export interface SharedTurn {
  /** Takes the turn where it is free and keeps it for a while; true when this process has it. Ask again before it ends. Throws
   *  REDIS_UNAVAILABLE: then nobody knows. */
  take(): Promise<boolean>;
  close(): Promise<void>;
}

/** A process that does not ask any more loses it after so long. */
const LEASE_MS = 15_000;

/** Makes the turn `name`; `instance`: a name that only this process has. */
export function createRedisTurn(redis: Redis, name: string, instance: string): SharedTurn {
  const key = `turn:${name}`;
  const expiration = { type: 'PX', value: LEASE_MS } as const;
  return {
    async take() {
      const taken = await redis.run((at) => at.set(key, instance, { condition: 'NX', expiration }));
      if (taken !== null) return true;
      if ((await redis.run((at) => at.get(key))) !== instance) return false;
      await redis.run((at) => at.set(key, instance, { expiration }));
      return true;
    },
    close: () => redis.close(),
  };
}
