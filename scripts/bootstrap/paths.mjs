import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the clone. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Stamps and caches of the set-up; goes away with node_modules. */
export const cacheDir = join(root, 'node_modules', '.cache', 'guardian');

/** Parsed JSON of a file, or `fallback` when it is missing or broken. */
export function readJson(file, fallback) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return fallback;
  }
}

/** An error whose message is one sentence for the person at the terminal. */
export class SetupError extends Error {}
