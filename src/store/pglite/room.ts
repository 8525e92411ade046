import { statfsSync } from 'node:fs';

/** Less than the engine writes to recover: a segment of its log and some pages. */
const NEEDED_BYTES = 33_554_432;

/** True when the disk of `path` has no room for an engine that opens a database. */
export function hasNoRoom(path: string): boolean {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize < NEEDED_BYTES;
}
