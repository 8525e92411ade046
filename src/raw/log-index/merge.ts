import { ENTRY_WORDS, type EntryWords } from './entry.ts';
import type { Run } from './run.ts';
import type { Facts, RunFile } from './run-file.ts';

/** What a merge does with the entry that begins at `at`, in place: false drops it. */
export type Judge = (words: EntryWords, at: number) => boolean;

/** A merge under way. */
export interface Merge {
  /** Merges about so many more entries, in one transaction; true when all are merged and the new run is in place. */
  step(entries: number): boolean;
}

interface Cursor {
  readonly run: Run;
  words: EntryWords;
  page: number;
  at: number;
}

/** Begins to merge runs, which must be neighbours in age, into one: of equal keys the newest entry stays. `facts` are noted with the
 *  new run. A crash before the end leaves everything as it was. */
export function beginMerge(
  file: RunFile,
  runs: readonly Run[],
  { judge, facts = {} }: { readonly judge: Judge; readonly facts?: Facts },
): Merge {
  const builder = file.begin(runs.reduce((sum, { entries }) => sum + entries, 0));
  // Newest first, so that the first of equal cursors is the one that counts.
  const cursors = runs
    .toSorted((a, b) => b.id - a.id)
    .filter(({ entries }) => entries > 0)
    .map((run): Cursor => ({ run, words: file.page(run, 0), page: 0, at: 0 }));

  function advance(cursor: Cursor): void {
    cursor.at += ENTRY_WORDS;
    if (cursor.at < cursor.words.length) return;
    cursor.page += 1;
    cursor.at = 0;
    if (cursor.page < cursor.run.firsts.length) cursor.words = file.page(cursor.run, cursor.page);
    else cursors.splice(cursors.indexOf(cursor), 1);
  }

  function takeLowest(): void {
    let lowest = cursors[0] as Cursor;
    for (let index = 1; index < cursors.length; index += 1) {
      const other = cursors[index] as Cursor;
      if (compare(other, lowest) < 0) lowest = other;
    }
    if (judge(lowest.words, lowest.at)) builder.add(lowest.words, lowest.at);
    const high = lowest.words[lowest.at];
    const low = lowest.words[lowest.at + 1];
    for (let index = cursors.length - 1; index >= 0; index -= 1) {
      const cursor = cursors[index] as Cursor;
      if (cursor.words[cursor.at] === high && cursor.words[cursor.at + 1] === low) advance(cursor);
    }
  }

  return {
    step(entries) {
      file.together(() => {
        for (let taken = 0; taken < entries && cursors.length > 0; taken += 1) takeLowest();
      });
      if (cursors.length > 0) return false;
      file.put(() => builder.finish(), runs, facts);
      return true;
    },
  };
}

function compare(a: Cursor, b: Cursor): number {
  const high = (a.words[a.at] ?? 0) - (b.words[b.at] ?? 0);
  return high === 0 ? (a.words[a.at + 1] ?? 0) - (b.words[b.at + 1] ?? 0) : high;
}
