import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, statfsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A disk of its own for one test. */
export interface SmallDisk {
  readonly path: string;
  free(): number;
  /** Adds ballast until `left` bytes are free, or the disk takes not one byte more. */
  fill(left: number): Promise<void>;
  /** Takes the ballast away. */
  clear(): Promise<void>;
  unmount(): void;
}

const SIZES = [1_048_576, 4096, 1];

/** Mounts an empty file system of `megabytes`; undefined where this user cannot. */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk | undefined> {
  await mkdir(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const free = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  const ballast = (size: number): string => join(path, `ballast-${size}`);
  return {
    path,
    free,
    async fill(left) {
      for (const size of SIZES) {
        const file = createWriteStream(ballast(size), { flags: 'a' });
        const failed = once(file, 'error');
        while (file.errored === null && (left === 0 || free() - size >= left)) {
          if (file.write(Buffer.alloc(size, 1))) continue;
          await Promise.race([once(file, 'drain').catch(() => undefined), failed]);
        }
        if (file.errored === null) await new Promise<void>((resolve) => file.end(resolve));
        else file.destroy();
      }
    },
    clear: async () => {
      for (const size of SIZES) await rm(ballast(size), { force: true });
    },
    unmount: () => void execFileSync('umount', ['-l', path]),
  };
}
