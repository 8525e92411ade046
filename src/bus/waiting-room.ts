import { GuardianError } from '../errors.ts';
import type { BusMetrics } from './metrics.ts';

/** Records that wait by default. */
export const MAX_PENDING_RECORDS = 200_000;
/** Large records must not fill the memory before the limit of records is reached. */
const MAX_PENDING_BYTES = 268_435_456;

/** Bounds what was taken from callers and is not stored yet. */
export interface WaitingRoom {
  /** Throws BUS_FULL when so much more may not wait. */
  enter(records: number, bytes: number): void;
  leave(records: number, bytes: number): void;
}

/** Creates an empty room. `what`: whom the records wait for, in the sentence of the error. */
export function createWaitingRoom(what: string, maxRecords: number, metrics: Pick<BusMetrics, 'pending'>): WaitingRoom {
  let pendingRecords = 0;
  let pendingBytes = 0;

  function checkRoom(records: number, bytes: number): void {
    // A single publish above the limit is let through alone; otherwise it could never succeed.
    if (pendingRecords === 0) return;
    if (pendingRecords + records <= maxRecords && pendingBytes + bytes <= MAX_PENDING_BYTES) return;
    const message = `At most ${maxRecords} records may wait for ${what}; ${pendingRecords} wait and ${records} came. Try again in a moment.`;
    throw new GuardianError('BUS_FULL', message, { retryable: true, data: { pending: pendingRecords } });
  }

  function add(records: number, bytes: number): void {
    pendingRecords += records;
    pendingBytes += bytes;
    metrics.pending(pendingRecords);
  }

  return {
    enter(records, bytes) {
      checkRoom(records, bytes);
      add(records, bytes);
    },
    leave: (records, bytes) => add(-records, -bytes),
  };
}
