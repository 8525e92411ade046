import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { BusMetrics } from '../metrics.ts';
import type { RetentionFloor, Writer } from './writer.ts';

const PERIOD_MS = 60_000;
const BETWEEN_STEPS_MS = 50;
/** A log that is nearly full is looked at often: it must not run over, and must open again soon. */
const NEARLY_FULL = 0.9;
const NEARLY_FULL_PERIOD_MS = 5000;
const NOTHING_NEEDED: RetentionFloor = new Map();

export interface RetentionTimerOptions {
  readonly writer: Writer;
  /** What readers still need; default: nothing. Null: not known yet. A step without an answer deletes and refuses nothing. */
  readonly floor?: (() => Promise<RetentionFloor | null>) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: BusMetrics;
}

/** Retention at work. */
export interface RetentionTimer {
  /** True while the log is full of transactions that are not counted yet: no more must come in. */
  readonly isFull: boolean;
  /** Waits for the step in hand. */
  stop(): Promise<void>;
}

/** Runs retention once a minute, step by step with pauses, so that appends come in between. */
export function startRetention(options: RetentionTimerOptions): RetentionTimer {
  const { writer, clock, log, metrics, floor } = options;
  let isStopped = false;
  let isFull = false;
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
      const needed = floor === undefined ? NOTHING_NEEDED : await floor();
      delayMs = needed === null ? NEARLY_FULL_PERIOD_MS : await maintain(needed);
    } catch (error) {
      log.warn({ detail: messageOf(error) }, 'log retention failed, retrying');
    }
    if (!isStopped) timer = schedule(delayMs);
  }

  /** One step; returns how long to wait before the next. */
  async function maintain(needed: RetentionFloor): Promise<number> {
    const report = await writer.maintain(clock.now(), needed);
    metrics.size(report.sizeBytes);
    noteFull(report.isFull);
    if (report.deletedBlocks > 0) log.debug({ ...report }, 'expired log blocks deleted');
    if (report.more) return BETWEEN_STEPS_MS;
    return report.fill > NEARLY_FULL ? NEARLY_FULL_PERIOD_MS : PERIOD_MS;
  }

  function noteFull(now: boolean): void {
    if (now && !isFull) log.error('log is full of uncounted transactions: rejecting new ones');
    if (!now && isFull) log.info('log has room again: accepting transactions');
    isFull = now;
  }

  return {
    get isFull() {
      return isFull;
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
