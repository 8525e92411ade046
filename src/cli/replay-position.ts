import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where a replay stands: rows that are confirmed, and by how much its times are moved (milliseconds). */
export interface ReplayState {
  readonly done: number;
  readonly shiftMs: number;
}

/** Remembers how far a replay of a file to a server has come. */
export interface ReplayPosition {
  /** The state of the last run; undefined when there was none, or the file has changed since. */
  read(): ReplayState | undefined;
  write(state: ReplayState): void;
}

/** Keeps the state below the data directory, by file and server. Writing is atomic. */
export function createReplayPosition(dataDir: string, file: string, url: string): ReplayPosition {
  const path = resolve(file);
  const { size, mtimeMs } = statSync(path);
  const stamp = `${size}-${Math.floor(mtimeMs)}`;
  const key = createHash('sha256').update(`${path}\n${url}`).digest('hex').slice(0, 16);
  const folder = join(dataDir, 'replay');
  const target = join(folder, `${key}.json`);
  return {
    read() {
      try {
        const { stamp: kept, done, shiftMs } = JSON.parse(readFileSync(target, 'utf8')) as ReplayState & { stamp: string };
        return kept === stamp ? { done, shiftMs } : undefined;
      } catch {
        return undefined;
      }
    },
    write(state) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${target}.new`, JSON.stringify({ ...state, file: path, url, stamp }));
      renameSync(`${target}.new`, target);
    },
  };
}
