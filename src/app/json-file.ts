import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** What a small file of the data directory holds; undefined when it is not there or damaged. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads a small file again and again, from the disk only when it was written since: each write makes a new file. */
export function followJsonFile(path: string): () => unknown {
  let seen: string | undefined;
  let held: unknown;
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false });
    const stamp = stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (stamp !== seen) held = readJsonFile(path);
    seen = stamp;
    return held;
  };
}

/** Writes a small file of the data directory, whole or not at all, for the owner alone. Throws what the file system throws. */
export function writeJsonFile(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
