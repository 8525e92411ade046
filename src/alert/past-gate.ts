import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { keepTrying } from '../retry.ts';

export interface PastGateDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts when the stage stops: then the gate stays as it is. */
  readonly signal: AbortSignal;
  /** Resolves when the past has been read; without it, `reached` tells. */
  readonly past: (() => Promise<void>) | undefined;
  /** What is done before the gate opens, once. */
  readonly open: () => Promise<void>;
}

/** Holds messages back until everything that had been accepted before the start has become alerts. */
export interface PastGate {
  start(): void;
  isOpen(): boolean;
  /** True when the past takes longer than a start does, so that somebody may wait for a message. */
  isHeldBack(): boolean;
  /** The topic ended at `offset` when it was first looked at: there the past ends. */
  endsAt(offset: number): void;
  /** All before `offset` has become alerts. Throws what `open` throws. */
  reached(offset: number): Promise<void>;
}

const RETRY_MS = 1000;
const HELD_BACK_MS = 30_000;

/** Creates a closed gate. */
export function createPastGate({ clock, log, signal, past, open }: PastGateDeps): PastGate {
  /** Infinity while unknown, null once the past has been read. */
  let end: number | null = Number.POSITIVE_INFINITY;
  let startedAt: number | null = null;

  async function openOnce(): Promise<void> {
    if (end === null || signal.aborted) return;
    await open();
    end = null;
  }

  async function follow(read: () => Promise<void>): Promise<void> {
    const onFailure = (error: unknown) => log.warn({ err: error }, 'cannot see whether the past has been read, trying again');
    await keepTrying(() => read().then(openOnce), { signal, retryMs: RETRY_MS, maxRetryMs: RETRY_MS, onFailure });
  }

  return {
    start: () => {
      if (startedAt === null && past !== undefined) void follow(past);
      startedAt ??= clock.monotonic();
    },
    isOpen: () => end === null,
    isHeldBack: () => end !== null && startedAt !== null && clock.monotonic() - startedAt > HELD_BACK_MS,
    endsAt: (offset) => {
      if (end === Number.POSITIVE_INFINITY) end = offset;
    },
    reached: async (offset) => {
      if (past === undefined && end !== null && offset >= end) await openOnce();
    },
  };
}
