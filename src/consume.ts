import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Batch, Bus, SubscribeOptions, Subscription } from './bus/bus.ts';
import { GuardianError, messageOf } from './errors.ts';
import type { StageHealth } from './stage.ts';

export interface ConsumerOptions extends SubscribeOptions {
  /** Handles one batch, all or nothing. A throw closes the subscription: reading begins again at `position`. */
  readonly handle: (batch: Batch) => Promise<void>;
  /** Wait after a failure; doubles up to 30 times itself (default 200 ms). */
  readonly retryMs?: number;
}

/** Reads a topic for one stage. */
export interface Consumer {
  /** Begins to read; resolves at once. */
  start(): void;
  /** Lets the batch in hand finish and stops reading. */
  stop(): Promise<void>;
  health(): StageHealth;
}

/** Creates a consumer that hands over batches one after the other, and that begins again after a failure at the position
 *  that the stage has committed, after a wait that grows. */
export function createConsumer(deps: { readonly bus: Bus; readonly log: Logger }, options: ConsumerOptions): Consumer {
  const { log } = deps;
  const retryMs = options.retryMs ?? 200;
  const stopping = new AbortController();
  let subscription: Subscription | null = null;
  let running: Promise<void> | null = null;
  let failures = 0;
  let lastError = '';

  async function read(): Promise<void> {
    subscription = await deps.bus.subscribe(options);
    try {
      while (!stopping.signal.aborted) {
        const batch = await subscription.next();
        if (batch !== null) await options.handle(batch);
        else if (!stopping.signal.aborted) throw new GuardianError('BUS_UNAVAILABLE', 'the subscription was closed', { retryable: true });
        failures = 0;
      }
    } finally {
      await subscription.close();
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await read();
      } catch (error) {
        failures += 1;
        lastError = messageOf(error);
        log.warn({ err: error, topic: options.topic, failures }, 'batch failed, reading again from the committed position');
        await delay(retryMs * Math.min(30, 2 ** (failures - 1)), undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      stopping.abort();
      await subscription?.close();
      await running;
    },
    health: () => {
      if (failures === 0) return { status: 'ok' };
      return { status: failures < 3 ? 'degraded' : 'down', detail: lastError };
    },
  };
}
