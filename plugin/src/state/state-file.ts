import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A value in a file that survives a kill: written beside it, flushed, then moved over it. */
export interface StateFile {
  /** The value at the last write; undefined without one, or where it cannot be read. */
  read(): Promise<unknown>;
  /** Writes what `value` gives at that time. Resolves once that is on disk; calls meanwhile share the next write. */
  write(value: () => unknown): Promise<void>;
}

export function createStateFile(path: string): StateFile {
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const put = async (value: () => unknown): Promise<void> => {
    next = null;
    const beside = `${path}.new`;
    const file = await open(beside, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(value()));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  };
  return {
    async read() {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      try {
        return JSON.parse(await readFile(path, 'utf8'));
      } catch {
        return undefined;
      }
    },
    write(value) {
      if (next !== null) return next;
      const mine = writing.then(
        () => put(value),
        () => put(value),
      );
      next = mine;
      writing = mine;
      return mine;
    },
  };
}
