import { createWriteStream, mkdtempSync, openSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { csvCells } from '../csv/write-cells.ts';
import type { Cli } from './cli.ts';
import { drained } from './drained.ts';
import { fileError } from './file-problem.ts';

/** A line that was refused; `raw`: its text with card numbers hidden. */
export interface RejectedLine {
  readonly file: string;
  readonly line: number;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  readonly raw: string;
}

/** The list of refused lines: `file,line,reason,row`. The file is made with the first one. */
export interface RejectsFile {
  add(lines: readonly RejectedLine[]): Promise<void>;
  /** Throws CLI_FILE when the file could not be written. */
  close(): Promise<void>;
  readonly count: number;
  /** Where it is written; null where no folder took it. */
  readonly path: string | null;
}

export interface RejectsOptions {
  readonly path: string;
  /** The person chose the path: no other folder will do. Else the folder of temporary files is the second choice. */
  readonly isChosen: boolean;
}

const COLUMNS = ['file', 'line', 'reason', 'row'];

/** Makes the list. Throws CLI_FILE with the first line where the path that the person chose cannot be written. */
export function createRejectsFile(cli: Cli, { path: wanted, isChosen }: RejectsOptions): RejectsFile {
  let stream: WriteStream | undefined;
  let path: string | null = wanted;
  let isOpen = false;
  let failure: unknown;
  let count = 0;

  function start(file: string): void {
    stream = createWriteStream(file, { fd: openSync(file, 'w') });
    path = file;
    stream.on('error', (error) => (failure = error));
    stream.write(`${COLUMNS.join(',')}\n`);
  }

  function open(): void {
    isOpen = true;
    try {
      start(wanted);
    } catch (error) {
      if (isChosen) throw fileError(cli, 'error.file_write', wanted, error);
      startElsewhere();
    }
  }

  function startElsewhere(): void {
    try {
      start(join(mkdtempSync(join(tmpdir(), 'guardian-')), basename(wanted)));
    } catch {
      path = null;
    }
  }

  return {
    async add(lines) {
      for (const { file, line, errors, raw } of lines) {
        count++;
        if (!isOpen) open();
        const reason = errors.map((error) => `${error.field}: ${error.message}`).join('; ');
        const text = csvCells({ file, line: String(line), reason, row: raw }, COLUMNS);
        if (stream?.write(`${text}\n`) === false && failure === undefined) await drained(stream);
      }
    },
    async close() {
      if (stream === undefined) return;
      try {
        const closing = stream;
        stream = undefined;
        closing.end();
        await finished(closing);
        if (failure !== undefined) throw failure;
      } catch (error) {
        throw fileError(cli, 'error.file_write', path ?? wanted, failure ?? error);
      }
    },
    get count() {
      return count;
    },
    get path() {
      return path;
    },
  };
}
