import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
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
}

export function createRejectsFile(cli: Cli, path: string): RejectsFile {
  let stream: WriteStream | undefined;
  let failure: unknown;
  let count = 0;
  const open = (): WriteStream => {
    const opened = createWriteStream(path);
    opened.on('error', (error) => (failure = error));
    opened.write('file,line,reason,row\n');
    return opened;
  };
  return {
    async add(lines) {
      for (const { file, line, errors, raw } of lines) {
        count++;
        stream ??= open();
        const reason = errors.map((error) => `${error.field}: ${error.message}`).join('; ');
        if (!stream.write(`${quote(file)},${line},${quote(reason)},${quote(raw)}\n`) && failure === undefined) await drained(stream);
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
        throw fileError(cli, 'error.file_write', path, failure ?? error);
      }
    },
    get count() {
      return count;
    },
  };
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
