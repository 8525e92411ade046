import type { Clock } from '../clock.ts';

/** What the API processes of an installation tell each other about links and sessions. Times are epoch milliseconds. Engines: `memory`,
 *  `redis`. Methods throw when nobody can say. */
export interface SharedSessions {
  /** Uses a link up for all of them. False: it was used before. `expiresAt`: nobody takes it from then on anyway. */
  useLink(nonce: string, expiresAt: number): Promise<boolean>;
  /** Notes that a session was ended before its time. */
  end(id: string, expiresAt: number): Promise<void>;
  /** Sessions that were ended before their time, with the time when their cookies are out of date. */
  listEnded(): Promise<ReadonlyMap<string, number>>;
}

/** Makes what one process knows. */
export function createSharedSessions(clock: Pick<Clock, 'now'>): SharedSessions {
  const used = new Map<string, number>();
  const ended = new Map<string, number>();
  const forget = (times: Map<string, number>): void => {
    for (const [key, until] of times) if (until <= clock.now()) times.delete(key);
  };
  return {
    async useLink(nonce, expiresAt) {
      forget(used);
      if (used.has(nonce)) return false;
      used.set(nonce, expiresAt);
      return true;
    },
    async end(id, expiresAt) {
      ended.set(id, expiresAt);
    },
    async listEnded() {
      forget(ended);
      return new Map(ended);
    },
  };
}
