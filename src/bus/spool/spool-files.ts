import { mkdir, open, readdir, readFile, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { scanFrames } from './frame.ts';

/** A file of a spool. `oldestAt`: when its first record was spooled, epoch milliseconds. */
export interface SpoolFile {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  readonly oldestAt: number | null;
}

/** Frames to store, of so many records. `at`: when they came, epoch milliseconds. */
export interface Frames {
  readonly frames: Buffer;
  readonly records: number;
  readonly at: number;
}

/** The files of a spool in their folder, oldest first. One call of `store`, `closeNewest` and `drop` at a time. */
export interface SpoolFiles {
  readonly list: readonly SpoolFile[];
  /** Adds frames to the newest file; resolves when they survive a power cut. When it fails, none of them is there. Throws what the file
   *  system throws. */
  store(taken: readonly Frames[]): Promise<void>;
  /** Nothing is added to the file that is written to; the next frames get another one. */
  closeNewest(): Promise<void>;
  /** Whether a file is the one that is written to. */
  isOpen(file: SpoolFile): boolean;
  /** Takes a file out of the spool. `keeps`: beside the others, as `.damaged`. */
  drop(file: SpoolFile, options?: { readonly keeps: boolean }): Promise<void>;
}

const NAME = /^spool-(\d{12})\.log$/;

/** Opens the folder, which is made with mode 0700, with the files that are in it. A file that has `fileBytes` is followed by another one.
 *  Throws what the file system throws. */
export async function openSpoolFiles(dir: string, fileBytes: number): Promise<SpoolFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const list: Mutable<SpoolFile>[] = [];
  let nextNumber = 1;
  let active: { readonly file: Mutable<SpoolFile>; readonly handle: FileHandle } | undefined;
  for (const name of (await readdir(dir)).toSorted()) {
    const number = NAME.exec(name)?.[1];
    if (number === undefined) continue;
    nextNumber = Number(number) + 1;
    const content = await readFile(join(dir, name));
    const { records } = scanFrames(content);
    list.push({ path: join(dir, name), bytes: content.length, records: records.length, oldestAt: records[0]?.at ?? null });
  }

  async function openNewest(): Promise<NonNullable<typeof active>> {
    if (active !== undefined) return active;
    const path = join(dir, `spool-${String(nextNumber).padStart(12, '0')}.log`);
    nextNumber += 1;
    const handle = await open(path, 'wx', 0o600);
    const file = { path, bytes: 0, records: 0, oldestAt: null };
    list.push(file);
    active = { file, handle };
    await syncFolder(dir);
    return active;
  }

  async function closeNewest(): Promise<void> {
    const closing = active;
    active = undefined;
    await closing?.handle.close();
  }

  async function drop(file: SpoolFile, { keeps } = { keeps: false }): Promise<void> {
    if (keeps) await rename(file.path, `${file.path}.damaged`);
    else await unlink(file.path);
    list.splice(list.indexOf(file), 1);
  }

  /** What nobody has an answer for must not stand before what comes later. */
  async function takeBack(): Promise<void> {
    if (active === undefined) return;
    const { file, handle } = active;
    await handle.truncate(file.bytes).catch(() => undefined);
    await closeNewest().catch(() => undefined);
    if (file.bytes === 0) await drop(file).catch(() => undefined);
  }

  return {
    list,
    async store(taken) {
      try {
        const { file, handle } = await openNewest();
        const frames = Buffer.concat(taken.map((one) => one.frames));
        for (let at = 0; at < frames.length;) at += (await handle.write(frames, at, frames.length - at, file.bytes + at)).bytesWritten;
        await handle.datasync();
        file.bytes += frames.length;
        file.records += taken.reduce((sum, { records }) => sum + records, 0);
        file.oldestAt ??= taken[0]?.at ?? null;
        if (file.bytes >= fileBytes) await closeNewest();
      } catch (error) {
        await takeBack();
        throw error;
      }
    },
    closeNewest,
    isOpen: (file) => active?.file === file,
    drop,
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A file that a power cut takes out of its folder again was not made. */
async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
