import { join } from 'node:path';
import type { EndedSessions } from '../http/auth.ts';
import { messageOf } from '../errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import type { Logger } from 'pino';

const FILE = 'sessions.json';

/** The sessions that were ended before their time, kept in the data directory over restarts. A file that cannot be written
 *  is reported in the log: the session has ended for this process all the same. */
export function loadEndedSessions(root: string, log: Logger): EndedSessions {
  const path = join(root, FILE);
  return {
    known: readEnded(path),
    keep(ended) {
      try {
        writeJsonFile(path, [...ended]);
      } catch (error) {
        log.error({ reason: messageOf(error), path }, 'failed to store a revoked session: it becomes valid again after a restart');
      }
    },
  };
}

function readEnded(path: string): ReadonlyMap<string, number> {
  const read = readJsonFile(path);
  return new Map(Array.isArray(read) ? read.filter(isEntry) : []);
}

const isEntry = (entry: unknown): entry is [string, number] =>
  Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number';
