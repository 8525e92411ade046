import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

const SKIP = new Set(['dist', 'node_modules', '.vite', 'test', 'coverage']);

function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIP.has(entry.name)) yield* filesOf(path);
    } else if (!/\.test\.tsx?$/.test(entry.name)) yield path;
  }
}

/** Changes whenever a source in one of `folders`, or one of `files`, changes: paths, sizes and times, not contents (a few
 *  milliseconds). Tests do not count. */
export function sourcesHash(folders, files = []) {
  const hash = createHash('sha256');
  for (const file of [...folders.flatMap((folder) => [...filesOf(folder)].sort()), ...files]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file.slice(root.length)} ${size} ${Math.floor(mtimeMs)}\n`);
  }
  return hash.digest('hex');
}
