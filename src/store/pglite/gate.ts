import { GuardianError } from '../../errors.ts';
import { createTransactionScope } from '../transaction-scope.ts';
import { isEngineDeath } from './store-error.ts';

/** The way to an engine that serves one caller at a time. */
export interface Gate {
  /** Waits for the callers before, then runs `work`. Rejects with STORE_CLOSED after close, with the engine's own error once
   *  it died, and with INTERNAL inside a transaction. */
  enter<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` as a transaction, which nobody may enter the gate from. */
  inside<T>(work: () => Promise<T>): Promise<T>;
  /** Lets nobody in any more and runs `end` after the last caller. Safe to call twice. */
  close(end: (isDead: boolean) => Promise<void>): Promise<void>;
  /** Milliseconds in which somebody was inside, since the last call. */
  busyMs(): number;
}

export interface GateOptions {
  /** Monotonic time, ms. */
  readonly monotonic: () => number;
  /** Called once, with the error that the engine died of. */
  readonly onDeath: (error: GuardianError) => void;
}

/** Lets one caller in at a time, in order of arrival; nobody after close; nobody but the engine's own error once it died. */
export function createGate({ monotonic, onDeath }: GateOptions): Gate {
  const scope = createTransactionScope();
  let tail: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  let death: GuardianError | undefined;
  let busy = 0;

  const admit = async <T>(work: () => Promise<T>): Promise<T> => {
    if (death !== undefined) throw death;
    const since = monotonic();
    try {
      return await work();
    } catch (error) {
      if (isEngineDeath(error) && death === undefined) {
        death = error;
        onDeath(error);
      }
      throw error;
    } finally {
      busy += monotonic() - since;
    }
  };
  return {
    async enter(work) {
      scope.refuseInside();
      if (closing !== undefined) throw new GuardianError('STORE_CLOSED', 'The database was closed.');
      const turn = tail.then(() => admit(work));
      tail = turn.catch(() => undefined);
      return turn;
    },
    inside: scope.inside,
    close(end) {
      closing ??= tail.then(() => end(death !== undefined));
      return closing;
    },
    busyMs() {
      const ms = busy;
      busy = 0;
      return ms;
    },
  };
}
