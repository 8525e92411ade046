import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What a small file of the data directory holds; undefined when it is not there or damaged. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a small file of the data directory, whole or not at all, for the owner alone. Throws what the file system throws. */
export function writeJsonFile(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
