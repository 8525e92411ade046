import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Bus, Subscription } from '../../bus/bus.ts';
import { messageOf } from '../../errors.ts';

const GROUP = 'guardian.guard';
const POLL_MS = 500;
const RETRY_MS = 1000;

/** One of the processes that stand for election, as far as the log can tell: a member that is cut off from it stays elected. */
export interface Election {
  isElected(): boolean;
  /** True while the log counts this process among those that it may elect. */
  isStanding(): boolean;
  stop(): Promise<void>;
}

/** Has the log elect one of several processes: it gives the only partition of a topic to one member of a group. For what may be done twice,
 *  but should not be: nothing fences who was elected before. */
export function electOnLog(bus: Pick<Bus, 'subscribe'>, log: Logger): Election {
  const ending = new AbortController();
  let isElected = false;
  let isStanding = false;
  const stand = async (): Promise<void> => {
    let subscription: Subscription | undefined;
    const position = async (): Promise<'latest'> => {
      isElected = true;
      return 'latest';
    };
    try {
      subscription = await bus.subscribe({ topic: TOPICS.alerts, group: GROUP, position });
      while (!ending.signal.aborted) {
        await subscription.next({ timeoutMs: POLL_MS });
        isStanding = true;
      }
    } catch (error) {
      isStanding = false;
      log.debug({ reason: messageOf(error) }, 'the log does not elect a process that notifies yet, retrying');
    } finally {
      await subscription?.close().catch(() => undefined);
    }
  };
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await stand();
      await sleep(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    isElected: () => isElected,
    isStanding: () => isStanding,
    async stop() {
      ending.abort();
      await running;
    },
  };
}
