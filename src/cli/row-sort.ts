import { randomUUID } from 'node:crypto';
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportRow } from './import-rows.ts';

/** Puts rows into the order of event time; equal times in the order of files and lines. */
export interface RowSort {
  add(rows: readonly ImportRow[]): Promise<void>;
  /** Every row that was added, once. To be called once, after the last `add`. */
  sorted(): AsyncGenerator<readonly ImportRow[]>;
  /** Gives the disk back; harmless more than once. */
  close(): Promise<void>;
  readonly count: number;
}

const GROUP = 1000;
const READ_BYTES = 65_536;

/** Makes a sorter that keeps one run of rows in memory (`maxRows`, or `maxChars` of text, whichever comes first) and the others
 *  sorted in files below `folder`, which nobody else can read and which are gone with the process. */
export function createRowSort(folder: string, { maxRows = 250_000, maxChars = 60_000_000 } = {}): RowSort {
  const runs: FileHandle[] = [];
  let rest: ImportRow[] = [];
  let chars = 0;
  let count = 0;

  async function spill(): Promise<void> {
    const rows = rest.sort(compare);
    [rest, chars] = [[], 0];
    await mkdir(folder, { recursive: true });
    const path = join(folder, `import-${randomUUID()}.run`);
    const handle = await open(path, 'wx+', 0o600);
    runs.push(handle);
    // The open handle is enough: a file without a name cannot be left behind.
    await unlink(path);
    for (let from = 0; from < rows.length; from += GROUP) {
      const lines = rows.slice(from, from + GROUP).map((row) => `${JSON.stringify(row)}\n`);
      await handle.appendFile(lines.join(''));
    }
  }

  return {
    async add(rows) {
      for (const row of rows) {
        rest.push(row);
        count++;
        chars += row.csv.length + row.raw.length;
        if (rest.length >= maxRows || chars >= maxChars) await spill();
      }
    },
    async *sorted() {
      const last = groupsOf(rest.sort(compare));
      rest = [];
      yield* runs.length === 0 ? last : merge([...runs.map(readRun), last]);
    },
    async close() {
      await Promise.all(runs.splice(0).map((handle) => handle.close()));
    },
    get count() {
      return count;
    },
  };
}

function compare(a: ImportRow, b: ImportRow): number {
  return a.at - b.at || a.file - b.file || a.line - b.line;
}

async function* groupsOf(rows: readonly ImportRow[]): AsyncGenerator<readonly ImportRow[]> {
  for (let from = 0; from < rows.length; from += GROUP) yield rows.slice(from, from + GROUP);
}

async function* readRun(handle: FileHandle): AsyncGenerator<readonly ImportRow[]> {
  const stream = handle.createReadStream({ start: 0, encoding: 'utf8', highWaterMark: READ_BYTES, autoClose: false });
  let rest = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines.map((line) => JSON.parse(line) as ImportRow);
  }
}

/** A run that is being merged. `first`: its next row; undefined at its end. */
interface Cursor {
  readonly groups: AsyncIterator<readonly ImportRow[]>;
  group: readonly ImportRow[];
  next: number;
  first: ImportRow | undefined;
}

async function* merge(runs: readonly AsyncIterator<readonly ImportRow[]>[]): AsyncGenerator<readonly ImportRow[]> {
  const cursors = runs.map((groups): Cursor => ({ groups, group: [], next: 0, first: undefined }));
  for (const cursor of cursors) await refill(cursor);
  let out: ImportRow[] = [];
  for (let least = leastOf(cursors); least?.first !== undefined; least = leastOf(cursors)) {
    out.push(least.first);
    least.first = least.group[++least.next];
    if (least.first === undefined) await refill(least);
    if (out.length < GROUP) continue;
    yield out;
    out = [];
  }
  if (out.length > 0) yield out;
}

/** The cursor with the first row of all; undefined, or one at its end, when there are no more rows. */
function leastOf(cursors: readonly Cursor[]): Cursor | undefined {
  let least: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.first === undefined) continue;
    if (least?.first === undefined || compare(cursor.first, least.first) < 0) least = cursor;
  }
  return least;
}

async function refill(cursor: Cursor): Promise<void> {
  do {
    const { done, value } = await cursor.groups.next();
    if (done === true) return;
    [cursor.group, cursor.next, cursor.first] = [value, 0, value[0]];
  } while (cursor.first === undefined);
}
