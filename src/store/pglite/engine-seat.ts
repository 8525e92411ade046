import type { PGlite } from '@electric-sql/pglite';
import { GuardianError, messageOf } from '../../errors.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { Gate } from './gate.ts';
import { createMemoryWatch } from './memory-watch.ts';
import type { PgliteOptions } from './pglite-options.ts';
import { createPreparedStatements, type PreparedStatements } from './prepared-statements.ts';
import { hasNoRoom } from './room.ts';
import { startPglite } from './start-pglite.ts';

/** The place of the engine that serves now. */
export interface Seat {
  /** Throws STORE_UNAVAILABLE when the seat is empty. */
  readonly engine: PGlite;
  /** Its statements. Throws STORE_UNAVAILABLE as well. */
  readonly statements: PreparedStatements;
  /** Closes the engine and forgets it, so that its memory can be collected. */
  leave(): Promise<void>;
  take(engine: PGlite): void;
}

export function createSeat(first: PGlite): Seat {
  type Held = Pick<Seat, 'engine' | 'statements'>;
  const hold = (engine: PGlite): Held => ({ engine, statements: createPreparedStatements(engine) });
  let held: Held | undefined = hold(first);
  const seated = (): Held => {
    if (held === undefined) throw new GuardianError('STORE_UNAVAILABLE', 'The database engine is closed.', { retryable: true });
    return held;
  };
  return {
    get engine() {
      return seated().engine;
    },
    get statements() {
      return seated().statements;
    },
    async leave() {
      const leaving = held;
      held = undefined;
      await leaving?.engine.close();
    },
    take: (engine) => void (held = hold(engine)),
  };
}

const LOOK_MS = 10_000;

/** Opens an engine again when it keeps more memory than it may: that of WebAssembly never shrinks. Callers wait meanwhile. */
export function watchMemory(seat: Seat, gate: Gate, options: PgliteOptions): NodeJS.Timeout | undefined {
  const { clock, engineMemory } = options;
  if (engineMemory === undefined || !('dir' in options)) return undefined;
  const { mostBytes, lookMs = LOOK_MS } = engineMemory;
  const isTime = createMemoryWatch(mostBytes);
  let lookedAt = clock.monotonic();
  const look = async (): Promise<void> => {
    const now = clock.monotonic();
    const busyShare = gate.busyMs() / Math.max(1, now - lookedAt);
    lookedAt = now;
    // To close an engine it has to write, and one that cannot be opened again serves no reads either.
    if (hasNoRoom(options.dir) || !isTime({ bytes: bytesOf(seat.engine), busyShare, now })) return;
    await openAgain(seat, options);
  };
  // The gate reports a crash.
  return setInterval(() => void gate.enter(look).catch(() => undefined), lookMs).unref();
}

const bytesOf = (engine: PGlite): number => engine.Module.HEAPU8.byteLength;

/** An engine that does not come back is dead: its owner opens the directory from the start. */
async function openAgain(seat: Seat, options: PgliteOptions): Promise<void> {
  const started = options.clock.monotonic();
  const before = bytesOf(seat.engine);
  try {
    await seat.leave();
    collectGarbage();
    seat.take(await startPglite(options));
  } catch (error) {
    throw new GuardianError('STORE_UNAVAILABLE', `The database could not be opened again: ${messageOf(error)}`, {
      retryable: true,
      cause: error,
      data: { engine: 'dead' },
    });
  }
  const ms = Math.round(options.clock.monotonic() - started);
  options.log.info({ before, after: bytesOf(seat.engine), ms }, 'database engine reopened to release memory');
}
