import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from './is-alive.mjs';

const LOOK_MS = 30;

/** Does `work` while no other process does what has the same lock file. A lock whose owner is gone is taken over. Where no lock can be
 *  made, the work is done without one. */
export async function inTurn(lock, work) {
  const own = `${lock}.${process.pid}`;
  try {
    // Linked whole: nobody sees a lock that does not name its owner yet.
    writeFileSync(own, String(process.pid));
    while (!take(own, lock)) {
      const owner = ownerOf(lock);
      if (owner !== undefined && !isAlive(owner)) putAside(lock, owner);
      else await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } catch {
    return work();
  } finally {
    rmSync(own, { force: true });
  }
  try {
    return await work();
  } finally {
    if (ownerOf(lock) === process.pid) rmSync(lock, { force: true });
  }
}

function take(own, lock) {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes away the lock of a process that is gone; one that somebody else has taken in this moment is put back. */
function putAside(lock, gone) {
  const aside = `${lock}.${process.pid}.gone`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (ownerOf(aside) !== gone) take(aside, lock);
  rmSync(aside, { force: true });
}

/** Undefined: there is no lock any more. Throws when it cannot be read. */
function ownerOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
