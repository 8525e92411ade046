import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Path of a file of the shared data sets (e.g. `data/cloudwalk/transactions.csv`): below `GUARDIAN_SHARED`, or below
 *  `../shared` next to the repository. Null when it is not there. */
export function sharedFile(path: string): string | null {
  const file = join(process.env['GUARDIAN_SHARED'] ?? join(ROOT, '..', 'shared'), path);
  return existsSync(file) ? file : null;
}

/** Options of a test that needs a shared file: skipped, with the reason, when the file is not there. */
export function needsShared(path: string): { readonly skip: string | false } {
  return { skip: sharedFile(path) === null ? `${path} is not there: put the data sets into ../shared or set GUARDIAN_SHARED` : false };
}
