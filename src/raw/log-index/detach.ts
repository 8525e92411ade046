import { ENTRY_WORDS, offsetAt, partitionAt, STATE, stateAt, writePlace, type EntryWords } from './entry.ts';
import { beginMerge } from './merge.ts';
import type { Facts, RunFile } from './run-file.ts';

const STEP_ENTRIES = 20_000;

export interface DetachOptions {
  /** Offsets up to which records were counted, by partition, in the log that was. */
  readonly counted: ReadonlyMap<number, number>;
  /** Minute since the epoch from which the entries age. */
  readonly minute: number;
  /** Noted together with the result. */
  readonly facts: Facts;
}

/** Takes the places out of all entries: the ids of records that were counted stay known, those that were only admitted go. A crash
 *  before the end leaves everything as it was. */
export async function detachAll(file: RunFile, { counted, minute, facts }: DetachOptions): Promise<void> {
  const judge = (words: EntryWords, at: number): boolean => {
    const state = stateAt(words, at);
    if (state === STATE.detached) return true;
    if (state === STATE.forgotten) return false;
    if (state === STATE.first && offsetAt(words, at) >= (counted.get(partitionAt(words, at)) ?? 0)) return false;
    writePlace(words.subarray(at, at + ENTRY_WORDS), { partition: 0, offset: minute, state: STATE.detached });
    return true;
  };
  const merge = beginMerge(file, file.runs, { judge, facts });
  while (!merge.step(STEP_ENTRIES)) await new Promise((resolve) => setImmediate(resolve));
}
