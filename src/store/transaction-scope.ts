import { AsyncLocalStorage } from 'node:async_hooks';
import { GuardianError } from '../errors.ts';

/** Knows what runs inside a transaction: there the database itself would wait for that transaction, for ever. */
export interface TransactionScope {
  /** Throws INTERNAL inside a transaction. */
  refuseInside(): void;
  /** Runs `work` as a transaction. */
  inside<T>(work: () => Promise<T>): Promise<T>;
}

export function createTransactionScope(): TransactionScope {
  const scope = new AsyncLocalStorage<true>();
  return {
    refuseInside() {
      if (scope.getStore() !== true) return;
      throw new GuardianError(
        'INTERNAL',
        'Inside a transaction its own handle must be used: the database waits for the transaction to end.',
      );
    },
    inside: (work) => scope.run(true, work),
  };
}
