import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type GuardianError, isGuardianError } from '../errors.ts';
import type { Cli } from './cli.ts';
import { isRow, type ImportLine, type ImportReader, type ImportSource } from './import-rows.ts';
import { createProgress, type ProgressBar } from './progress.ts';
import type { RejectedLine } from './rejects-file.ts';
import { openFile } from './replay-rows.ts';
import { createRowSort, type RowSort } from './row-sort.ts';
import { fileError } from './file-problem.ts';

export interface OrderOptions {
  readonly reader: ImportReader;
  /** A row may be this much older than one before it: a minute waits as long before it is closed. */
  readonly lateMs: number;
  /** Where large files are sorted. */
  readonly folder: string;
  /** Called with the wrong lines that are found before the first row goes in. */
  readonly reject: (line: RejectedLine) => Promise<void>;
}

/** The lines of an import in the order in which they go in, to be read once. */
export interface OrderedLines {
  readonly groups: AsyncGenerator<readonly ImportLine[]>;
  /** Gives the disk back, also when nothing was read. */
  close(): Promise<void>;
}

/** Puts the rows of all files into one order of event time, equal times in the order of files and lines. One named file that
 *  is in order is not sorted: it is read again while it goes in, with bounded memory. Throws CLI_FILE. */
export async function orderLines(cli: Cli, files: readonly string[], options: OrderOptions): Promise<OrderedLines> {
  const sizes = await Promise.all(files.map((file) => sizeOf(cli, file)));
  const size = sizes.includes(0) ? 0 : sizes.reduce((sum, bytes) => sum + bytes, 0);
  const progress = createProgress(cli, cli.say('import.reading'), size);
  try {
    const sources = (): ImportSource[] => {
      const count = countBytes(cli, progress);
      return files.map((name, index) => ({ name, index, chunks: count(openFile(cli, name)) }));
    };
    const [only, ...others] = sources();
    const canLookFirst = only !== undefined && only.name !== '-' && others.length === 0;
    if (canLookFirst && (await options.reader.isInOrder(only, options.lateMs))) {
      return { groups: inOrder(cli, only.name, size, options.reader), close: async () => undefined };
    }
    return await sorted(cli, sources(), options);
  } finally {
    progress.stop();
  }
}

async function sizeOf(cli: Cli, file: string): Promise<number> {
  if (file === '-') return 0;
  try {
    return (await stat(resolve(cli.cwd, file))).size;
  } catch (error) {
    throw fileError(cli, 'error.file', file, error);
  }
}

/** Adds up the bytes of all that is read. */
function countBytes(cli: Cli, progress: ProgressBar): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  let done = 0;
  return async function* (chunks) {
    for await (const chunk of chunks) {
      cli.signal.throwIfAborted();
      yield chunk;
      progress.update((done += chunk.length));
    }
  };
}

async function* inOrder(cli: Cli, name: string, size: number, reader: ImportReader): OrderedLines['groups'] {
  const progress = createProgress(cli, cli.say('import.progress'), size);
  try {
    yield* reader.read({ name, index: 0, chunks: countBytes(cli, progress)(openFile(cli, name)) });
  } finally {
    progress.stop();
  }
}

async function sorted(cli: Cli, sources: readonly ImportSource[], { reader, folder, reject }: OrderOptions): Promise<OrderedLines> {
  const sort = createRowSort(folder);
  const failed = (error: unknown): GuardianError => (isGuardianError(error) ? error : fileError(cli, 'error.file_write', folder, error));
  try {
    for (const source of sources) {
      for await (const lines of reader.read(source)) {
        for (const line of lines) if (!isRow(line)) await reject(line);
        await sort.add(lines.filter(isRow));
      }
    }
  } catch (error) {
    await sort.close();
    throw cli.signal.aborted ? error : failed(error);
  }
  return { groups: rowsOf(cli, sort), close: sort.close };
}

async function* rowsOf(cli: Cli, sort: RowSort): OrderedLines['groups'] {
  const progress = createProgress(cli, cli.say('import.progress'), sort.count);
  let done = 0;
  try {
    for await (const rows of sort.sorted()) {
      yield rows;
      progress.update((done += rows.length));
    }
  } finally {
    progress.stop();
  }
}
