import { chmod, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Something in the data directory that others may read or write. `mode`: permission bits. */
export interface OpenPath {
  readonly path: string;
  readonly mode: number;
}

/** Entries of a data directory that we make: a directory that somebody chose may hold other things, which are not ours. A new
 *  file in it needs its name here, or the directory counts as shared and stays open. */
const OURS =
  /^(?:audit-(?:kept|pending).*|bus|diagnostics|processes|raw-index\.sqlite(?:-.+)?|[a-z]+\.sock|replay|reserve|secret|service-token(?:\.new)?|\.demo|demo|database(?:\..+)?|guardian\..+|(?:sessions|(?:alertmanager-)?self-alerts(?:-[a-z]+)?|losses|holidays|server)\.json(?:\..+)?)$/;
/** What a new volume brings along. */
const NOBODYS = new Set(['lost+found']);
const OTHERS = 0o077;

/** What of a data directory others may read or write, parents first. The directory itself counts while it holds nothing but
 *  ours; `deep`: with everything below, else its entries only. Symbolic links are not followed. */
export async function findOpenPaths(root: string, { deep = true } = {}): Promise<readonly OpenPath[]> {
  const names = (await readdir(root)).filter((name) => !NOBODYS.has(name));
  const ours = names.filter((name) => OURS.test(name));
  const own = ours.length === names.length ? await look(root, stat) : undefined;
  const below = await Promise.all(ours.map((name) => walk(join(root, name), deep)));
  return [...(own?.isOpen === true ? [own.found] : []), ...below.flat()];
}

/** Takes from others what they may do in a data directory: 0700 for directories, 0600 for files. Returns what stays open,
 *  because it belongs to somebody else or the file system keeps no modes. */
export async function closeToOthers(root: string, options: { readonly deep?: boolean } = {}): Promise<readonly OpenPath[]> {
  const open = await findOpenPaths(root, options);
  for (const { path, mode } of open) await chmod(path, mode & ~OTHERS).catch(() => undefined);
  return open.length === 0 ? open : findOpenPaths(root, options);
}

async function walk(path: string, deep: boolean): Promise<OpenPath[]> {
  const seen = await look(path, lstat);
  if (seen === undefined) return [];
  const own = seen.isOpen ? [seen.found] : [];
  if (!seen.isDirectory || !deep) return own;
  const names = await readdir(path).catch(() => []);
  const below = await Promise.all(names.map((name) => walk(join(path, name), deep)));
  return [...own, ...below.flat()];
}

/** The engine deletes files while we look. */
async function look(path: string, ask: typeof stat): Promise<{ isOpen: boolean; isDirectory: boolean; found: OpenPath } | undefined> {
  try {
    const entry = await ask(path);
    const mode = entry.mode & 0o777;
    return { isOpen: !entry.isSymbolicLink() && (mode & OTHERS) !== 0, isDirectory: entry.isDirectory(), found: { path, mode } };
  } catch {
    return undefined;
  }
}
