import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file that its owner alone can read, all of it or nothing. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  writeFileSync(beside, text, { mode: 0o600 });
  // A file that was there keeps its mode otherwise.
  chmodSync(beside, 0o600);
  renameSync(beside, path);
}
