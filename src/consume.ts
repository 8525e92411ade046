import type { Logger } from 'pino';
import type { Batch, Bus, SubscribeOptions, Subscription } from './bus/bus.ts';
import { GuardianError, messageOf } from './errors.ts';
import { keepTrying } from './keep-trying.ts';
import type { StageHealth } from './stage.ts';

export interface ConsumerOptions extends SubscribeOptions {
  /** Handles one batch, all or nothing. A throw closes the subscription: reading begins again at `position`. */
  readonly handle: (batch: Batch) => Promise<void>;
  /** About the first wait after a failure; grows up to 30 times itself (default 200 ms). */
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

  async function read(gotOn: () => void): Promise<void> {
    subscription = await deps.bus.subscribe(options);
    try {
      while (!stopping.signal.aborted) {
        const batch = await subscription.next();
        if (batch !== null) await options.handle(batch);
        else if (!stopping.signal.aborted) throw new GuardianError('BUS_UNAVAILABLE', 'the subscription was closed', { retryable: true });
        failures = 0;
        gotOn();
      }
    } finally {
      await subscription.close();
    }
  }

  function onFailure(error: unknown, trouble: { readonly failures: number }): void {
    ({ failures } = trouble);
    lastError = messageOf(error);
    log.warn({ err: error, topic: options.topic, failures }, 'batch failed, reading again from the committed position');
  }

  return {
    start: () => {
      running ??= keepTrying(read, { signal: stopping.signal, retryMs, maxRetryMs: 30 * retryMs, onFailure });
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
