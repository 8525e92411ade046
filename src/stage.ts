import type { FailureReason, HealthReason } from '@transaction-guardian/contracts/health-reason.ts';
import type { PartName } from '@transaction-guardian/contracts/text/part-text.ts';
import type { Logger } from 'pino';
import { failureReason, messageOf } from './errors.ts';
import { createWakeSignal } from './wake-signal.ts';

/** How a part of the running program is doing, and why, as facts: sentences are made where somebody reads them. `starting`: it cannot
 *  say yet. */
export interface StageHealth {
  readonly status: 'ok' | 'starting' | 'degraded' | 'down';
  readonly reasons?: readonly HealthReason[];
}

/** A long-running part of the flow, started and stopped by the composition root. */
export interface Stage {
  readonly name: PartName;
  /** Resolves when the stage is working. */
  start(): Promise<void>;
  /** Finishes what is in hand, commits and resolves. Safe to call twice, and after a failed start. */
  stop(): Promise<void>;
  health(): StageHealth;
}

/** Work that is done again and again, one at a time. */
export interface Repetition {
  /** Aborted by the stop. */
  readonly signal: AbortSignal;
  /** Sleeps for at most `ms`; the stop ends it. */
  pause(ms: number): Promise<void>;
  start(): Promise<void>;
  /** Resolves when what is in hand is through. Safe to call twice. */
  stop(): Promise<void>;
  /** Degraded while the last try failed. */
  health(): StageHealth;
}

export interface RepeatOptions {
  readonly everyMs: number;
  readonly log: Logger;
  /** What the log says of a try that failed. */
  readonly failure: string;
  /** The first try comes after a wait, too. */
  readonly waitsFirst?: boolean;
}

/** Repeats `work` with `everyMs` between two tries. What fails is logged with `failure` and tried again. */
export function repeat(work: () => Promise<void>, { everyMs, log, failure, waitsFirst = false }: RepeatOptions): Repetition {
  const stopping = new AbortController();
  const wake = createWakeSignal(stopping.signal);
  let trouble: FailureReason | undefined;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    if (waitsFirst) await wake.wait(everyMs);
    while (!stopping.signal.aborted) {
      try {
        await work();
        trouble = undefined;
      } catch (error) {
        if (stopping.signal.aborted) return;
        trouble = failureReason(error);
        log.warn({ reason: messageOf(error) }, failure);
      }
      await wake.wait(everyMs);
    }
  }

  return {
    signal: stopping.signal,
    pause: (ms) => wake.wait(ms),
    start: async () => {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    health: () => (trouble === undefined ? { status: 'ok' } : { status: 'degraded', reasons: [trouble] }),
  };
}

/** Looks that are taken at set times, one at a time. */
export interface Ticker {
  /** Looks now, or waits for the look that is under way. */
  tick(): Promise<void>;
  start(): void;
  /** Resolves when the look in hand is through. */
  stop(): Promise<void>;
}

/** Does `look`, which never rejects, every `everyMs` (0: only when asked), one at a time. */
export function createTicker(everyMs: number, look: () => Promise<void>): Ticker {
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const tick = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };
  return {
    tick,
    start: () => {
      if (everyMs > 0) timer ??= setInterval(() => void tick(), everyMs).unref();
    },
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
