import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { GuardianError, messageOf } from '../errors.ts';
import type { Cli } from './cli.ts';
import type { LineAnswer } from './upload.ts';

/** The list of refused lines: `line,reason,row`. The file is made with the first one. */
export interface RejectsFile {
  add(answers: readonly LineAnswer[]): Promise<void>;
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
    opened.write('line,reason,row\n');
    return opened;
  };
  return {
    async add(answers) {
      for (const { line, status, errors, raw } of answers) {
        if (status !== 'refused') continue;
        count++;
        stream ??= open();
        const reason = (errors ?? []).map((error) => `${error.field}: ${error.message}`).join('; ');
        if (!stream.write(`${line},${quote(reason)},${quote(raw ?? '')}\n`) && failure === undefined) {
          await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
        }
      }
    },
    async close() {
      if (stream === undefined) return;
      try {
        stream.end();
        await finished(stream);
        if (failure !== undefined) throw failure;
      } catch (error) {
        throw new GuardianError('CLI_FILE', cli.say('error.file_write', { file: path, message: messageOf(failure ?? error) }), {
          cause: error,
        });
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
