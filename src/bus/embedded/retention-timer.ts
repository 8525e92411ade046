import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { BusMetrics } from './metrics.ts';
import type { Writer } from './writer.ts';

const PERIOD_MS = 60_000;
const BETWEEN_STEPS_MS = 50;

export interface RetentionTimerOptions {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: BusMetrics;
}

/** Runs retention once a minute, step by step with pauses, so that appends come in between. `stop` waits for the step
 *  in hand. */
export function startRetention(options: RetentionTimerOptions): { stop(): Promise<void> } {
  const { writer, clock, log, metrics } = options;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer = schedule(PERIOD_MS);

  function schedule(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      running = step();
    }, delayMs).unref();
  }

  async function step(): Promise<void> {
    let delayMs = PERIOD_MS;
    try {
      const report = await writer.maintain(clock.now());
      metrics.size(report.sizeBytes);
      if (report.deletedBlocks > 0) log.debug({ ...report }, 'old blocks of the log were deleted');
      if (report.more) delayMs = BETWEEN_STEPS_MS;
    } catch (error) {
      log.warn({ detail: messageOf(error) }, 'retention of the log failed and will be tried again');
    }
    if (!isStopped) timer = schedule(delayMs);
  }

  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
