import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { readRunbook, type ReadRunbook } from './read-runbook.ts';
import { runbookSentence } from './runbook-problem.ts';

/** The runbook files as they are now. */
export interface Catalogue {
  /** All files, by name; those with problems too. */
  all(): readonly ReadRunbook[];
  find(name: string): ReadRunbook | undefined;
}

const LOOK_MS = 1000;

/** Reads every `*.yaml` of the folders; a file takes the place of one of the same name in an earlier folder. Files are looked at again
 *  when they are asked for, at most once a second; one that was changed is checked, and its problems are logged. */
export function createCatalogue(folders: readonly string[], { clock, log }: { readonly clock: Clock; readonly log: Logger }): Catalogue {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let signature = '';
  let files: ReadonlyMap<string, ReadRunbook> = new Map();
  const refresh = (): ReadonlyMap<string, ReadRunbook> => {
    if (clock.monotonic() - lookedAt < LOOK_MS) return files;
    lookedAt = clock.monotonic();
    const now = signatureOf(folders);
    if (now === signature) return files;
    signature = now;
    files = new Map(readFolders(folders).map((file) => [file.name, file]));
    for (const { problems } of files.values())
      for (const problem of problems)
        log.error({ file: problem.file, line: problem.line }, `a runbook is not used: ${runbookSentence('en', problem)}`);
    return files;
  };
  return {
    all: () => [...refresh().values()].toSorted((a, b) => a.name.localeCompare(b.name)),
    find: (name) => refresh().get(name),
  };
}

/** Reads the files of all folders, the last folder last. */
export function readFolders(folders: readonly string[]): readonly ReadRunbook[] {
  return folders.flatMap((folder) => {
    const names = namesIn(folder);
    return typeof names === 'string' ? [unreadable(folder, names)] : names.map((name) => readFile(join(folder, name)));
  });
}

/** Reads one file. */
export function readFile(path: string): ReadRunbook {
  try {
    return readRunbook(path, readFileSync(path, 'utf8'));
  } catch (error) {
    return unreadable(path, messageOf(error));
  }
}

function unreadable(path: string, message: string): ReadRunbook {
  return { name: path, file: path, runbook: undefined, problems: [{ file: path, line: 1, field: '', rule: 'file', params: { message } }] };
}

/** The YAML files of a folder, or why it cannot be read. */
function namesIn(folder: string): readonly string[] | string {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted();
  } catch (error) {
    return messageOf(error);
  }
}

function signatureOf(folders: readonly string[]): string {
  return folders
    .map((folder) => {
      const names = namesIn(folder);
      return typeof names === 'string' ? names : names.map((name) => stamp(join(folder, name))).join('\n');
    })
    .join('\n\n');
}

function stamp(path: string): string {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    return `${path} ${size} ${mtimeMs} ${ino}`;
  } catch {
    return `${path} gone`;
  }
}
