import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { keepTrying } from '../retry.ts';

export interface CatchUpGateDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts when the stage stops: then the gate stays as it is. */
  readonly signal: AbortSignal;
  /** Resolves when the backlog has been replayed; without it, `reached` opens the gate. */
  readonly caughtUp: (() => Promise<void>) | undefined;
  /** What is done before the gate opens, once. */
  readonly open: () => Promise<void>;
}

/** Holds messages back until everything that had been accepted before the start has become alerts. */
export interface CatchUpGate {
  start(): void;
  isOpen(): boolean;
  /** True when the backlog takes longer than a normal start, so that notifications may be overdue. */
  isHeldBack(): boolean;
  /** The topic ended at `offset` when it was first looked at: there the backlog ends. */
  endsAt(offset: number): void;
  /** All before `offset` has become alerts. Throws what `open` throws. */
  reached(offset: number): Promise<void>;
}

const RETRY_MS = 1000;
const HELD_BACK_MS = 30_000;

/** Creates a closed gate. */
export function createCatchUpGate({ clock, log, signal, caughtUp, open }: CatchUpGateDeps): CatchUpGate {
  /** Infinity while unknown, null once caught up. */
  let end: number | null = Number.POSITIVE_INFINITY;
  let startedAt: number | null = null;

  async function openOnce(): Promise<void> {
    if (end === null || signal.aborted) return;
    await open();
    end = null;
  }

  async function follow(read: () => Promise<void>): Promise<void> {
    const onFailure = (error: unknown) => log.warn({ err: error }, 'cannot read the progress of the backlog replay, retrying');
    await keepTrying(() => read().then(openOnce), { signal, retryMs: RETRY_MS, maxRetryMs: RETRY_MS, onFailure });
  }

  return {
    start: () => {
      if (startedAt === null && caughtUp !== undefined) void follow(caughtUp);
      startedAt ??= clock.monotonic();
    },
    isOpen: () => end === null,
    isHeldBack: () => end !== null && startedAt !== null && clock.monotonic() - startedAt > HELD_BACK_MS,
    endsAt: (offset) => {
      if (end === Number.POSITIVE_INFINITY) end = offset;
    },
    reached: async (offset) => {
      if (caughtUp === undefined && end !== null && offset >= end) await openOnce();
    },
  };
}
