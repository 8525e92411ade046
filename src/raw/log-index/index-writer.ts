import { GuardianError, messageOf } from '../../errors.ts';
import type { EntryWords } from './entry.ts';
import type { IdIndex } from './id-index.ts';
import { isDamaged, type Facts } from './run-file.ts';

/** Name of the fact that says up to which offset of each partition the index is durable. */
export const POSITIONS = 'positions';

/** Writes into an index, and notes how far it has come. */
export interface IndexWriter {
  put(entry: EntryWords): void;
  /** Notes that a partition is indexed up to here, and saves what was put. */
  reached(partition: number, nextOffset: number): void;
  save(): void;
  /** Makes a run of what is in memory. */
  flush(facts?: Facts): void;
  /** Turns a failure of the file into STORE_UNAVAILABLE. */
  attempt<T>(work: () => T): T;
}

/** Creates the writer of an index. `positions`: offsets up to which it is durable. `onDamage` is called when the file is damaged. */
export function createIndexWriter(index: IdIndex, positions: Map<number, number>, onDamage: () => void): IndexWriter {
  const places = (): Facts => ({ [POSITIONS]: JSON.stringify([...positions]) });
  const save = (): void => index.save(places());
  const flush = (facts: Facts = {}): void => index.flush({ ...facts, ...places() });
  return {
    put(entry) {
      if (index.isFull()) flush();
      index.put(entry);
    },
    reached(partition, nextOffset) {
      positions.set(partition, Math.max(nextOffset, positions.get(partition) ?? 0));
      if (index.isFull()) flush();
      else save();
    },
    save,
    flush,
    attempt(work) {
      try {
        return work();
      } catch (error) {
        if (isDamaged(error)) onDamage();
        const message = `The index of transactions cannot be used: ${messageOf(error)}.`;
        throw new GuardianError('STORE_UNAVAILABLE', message, { retryable: true, cause: error });
      }
    },
  };
}
