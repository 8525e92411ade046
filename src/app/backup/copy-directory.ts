import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How a file was when it was copied: a later write shows in one of these. */
interface Seen {
  readonly bytes: number;
  readonly writtenMs: number;
  /** When it was looked at, epoch milliseconds. */
  readonly atMs: number;
}

/** A copy of a directory that others write to. */
export interface DirectoryCopy {
  /** Copies what has changed since the last call, and removes what is gone. Once nobody writes, the copy is the same after it. */
  bringUp(): Promise<void>;
}

/** File systems note times in steps of some milliseconds: a file written shortly before it was looked at may have been written again. */
const UNSURE_MS = 2000;

/** Copies `from` to `to`, which must not be there, without the names in `without`. */
export function createDirectoryCopy(from: string, to: string, without: ReadonlySet<string>): DirectoryCopy {
  let known = new Map<string, Seen>();
  return {
    async bringUp() {
      const { files, folders } = await listBelow(from, without);
      await mkdir(to, { recursive: true, mode: 0o700 });
      // The engine wants its empty directories too.
      for (const folder of folders) await mkdir(join(to, folder), { recursive: true, mode: 0o700 });
      const now = new Map<string, Seen>();
      for (const name of files) {
        const seen = await look(join(from, name));
        if (seen === undefined) continue;
        now.set(name, seen);
        if (!isSame(known.get(name), seen)) await copyOne(join(from, name), join(to, name));
      }
      for (const name of known.keys()) if (!now.has(name)) await rm(join(to, name), { force: true });
      known = now;
    },
  };
}

function isSame(before: Seen | undefined, now: Seen): boolean {
  if (before === undefined) return false;
  const isSettled = before.writtenMs < before.atMs - UNSURE_MS;
  return isSettled && before.bytes === now.bytes && before.writtenMs === now.writtenMs;
}

async function look(path: string): Promise<Seen | undefined> {
  const atMs = Date.now();
  const found = await stat(path).catch(orGone);
  return found === undefined ? undefined : { bytes: found.size, writtenMs: found.mtimeMs, atMs };
}

async function copyOne(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to, constants.COPYFILE_FICLONE).catch(orGone);
}

/** A file that went away while the directory was in use is not missed; the last call runs when nothing goes. */
function orGone(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

/** Paths below `root`, relative to it. */
async function listBelow(root: string, without: ReadonlySet<string>): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of (await readdir(join(root, below), { withFileTypes: true }).catch(orGone)) ?? []) {
      if (without.has(entry.name)) continue;
      const name = join(below, entry.name);
      if (entry.isDirectory()) {
        folders.push(name);
        await walk(name);
      } else if (entry.isFile()) files.push(name);
    }
  };
  await walk('');
  return { files, folders };
}
