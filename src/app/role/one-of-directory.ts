import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { lockFile, type FileLock } from '../engines.ts';

/** Of several processes on one data directory, the one that acts for all of them. */
export interface Representative {
  /** Takes the place where it is free, and shows that this process lives. Call it about once a second. */
  look(): void;
  /** True for the one that acts, also where nobody knows who else would: what it does may be done twice, but must be done. */
  isSelf(): boolean;
  /** Lets the next one in. */
  release(): void;
}

/** Makes one of the processes on the data directory `root` act for all, without any server: it holds a lock of the operating system, which
 *  ends with it however it ends. One that is frozen keeps its lock: where it has not shown for `stillMs` that it lives the others act too. */
export function representDirectory(
  root: string,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  stillMs: number,
): Representative {
  const path = join(root, 'guardian.guard');
  let lock: FileLock | undefined;
  let isLockable = true;
  let shown: number | undefined;
  let shownAt = clock.monotonic();

  function take(): void {
    try {
      lock = lockFile(path) ?? undefined;
      isLockable = true;
    } catch (error) {
      if (isLockable)
        log.warn({ reason: messageOf(error), path }, 'the data directory cannot be locked: each process on it notifies for itself');
      isLockable = false;
    }
  }

  /** Others see that the time of the file changes, whatever the clock says. */
  function show(): void {
    try {
      const now = new Date(clock.now());
      utimesSync(path, now, now);
    } catch (error) {
      log.debug({ reason: messageOf(error), path }, 'others cannot see that this process lives');
    }
  }

  return {
    look() {
      if (lock === undefined) take();
      if (lock !== undefined) return show();
      const now = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (now === shown) return;
      shown = now;
      shownAt = clock.monotonic();
    },
    isSelf: () => lock !== undefined || !isLockable || clock.monotonic() - shownAt >= stillMs,
    release() {
      lock?.release();
      lock = undefined;
    },
  };
}
