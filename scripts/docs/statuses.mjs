import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Pages that list every status of a transaction. */
const PAGES = ['docs/send-data.md', 'docs/glossary.md'];

/** Statuses that a page which lists them all does not name. */
export async function checkStatuses(root) {
  const file = join(root, 'contracts/status.ts');
  if (!existsSync(file)) return [];
  const { STATUSES } = await import(pathToFileURL(file).href);
  return PAGES.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    return STATUSES.filter((status) => !text.includes(`\`${status}\``)).map((status) => `${page}: does not name the status \`${status}\``);
  });
}
