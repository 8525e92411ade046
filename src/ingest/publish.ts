import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Intake, OutRecord } from '../bus/bus.ts';
import { GuardianError, isGuardianError } from '../errors.ts';

export interface TransactionPublisherOptions {
  /** Records that may wait for the disk; above it new ones are refused with INGEST_OVERLOADED. */
  readonly maxPendingRecords: number;
  /** Longest wait for the disk. A time in which this thread did not run, as on a machine that is overloaded, hardly counts: what was stored
   *  meanwhile is heard of after its timers. */
  readonly publishTimeoutMs: number;
}

/** A wait is made of so many, each of which counts once however late its timer is. */
const SLICES = 5;

/** Publishes to `guardian.transactions` with a bound on what waits and on how long. */
export interface TransactionPublisher {
  /** Makes room for `records` records. Throws INGEST_OVERLOADED (retryable) when there is none; pair with `release`. */
  reserve(records: number): void;
  release(records: number): void;
  /** Resolves when the records survive a power cut. Throws BUS_UNAVAILABLE, BUS_FULL, BUS_CLOSED. */
  publish(records: readonly OutRecord[]): Promise<void>;
  readonly pending: number;
}

/** Makes the publisher. An answer that comes after the deadline is not waited for: the records may be there or not. */
export function createTransactionPublisher(bus: Intake, options: TransactionPublisherOptions): TransactionPublisher {
  let pending = 0;
  return {
    reserve(records) {
      if (pending > 0 && pending + records > options.maxPendingRecords) {
        throw new GuardianError(
          'INGEST_OVERLOADED',
          `${pending} records wait for the disk, the limit is ${options.maxPendingRecords}; send again later.`,
          { retryable: true },
        );
      }
      pending += records;
    },
    release(records) {
      pending -= records;
    },
    async publish(records) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        const waitOn = (slicesLeft: number): void => {
          timer = setTimeout(() => (slicesLeft > 1 ? waitOn(slicesLeft - 1) : reject(unconfirmed())), options.publishTimeoutMs / SLICES);
        };
        waitOn(SLICES);
      });
      const unconfirmed = (): GuardianError =>
        new GuardianError('BUS_UNAVAILABLE', `The bus did not confirm ${records.length} records within ${options.publishTimeoutMs} ms.`, {
          retryable: true,
        });
      try {
        await Promise.race([bus.publish(TOPICS.transactions, records), late]);
      } catch (error) {
        if (isGuardianError(error)) throw error;
        throw new GuardianError('BUS_UNAVAILABLE', 'The bus failed to write; send again later.', { retryable: true, cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
    get pending() {
      return pending;
    },
  };
}
