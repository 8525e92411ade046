import { join } from 'node:path';
import type { ToldSelfAlert } from '../alert/self-alert.ts';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const FILE = 'self-alerts.json';

/** Which alerts about the program itself fire at which receivers, kept in the data directory over restarts and kill -9: neither the
 *  database nor the log may be there when they are sent. A file that cannot be written is told in the log. */
export function loadToldSelfAlerts(
  root: string,
  log: Logger,
): { readonly told: readonly ToldSelfAlert[]; keep(told: readonly ToldSelfAlert[]): void } {
  const path = join(root, FILE);
  return {
    told: readTold(path),
    keep(told) {
      try {
        writeJsonFile(path, told);
      } catch (error) {
        log.error(
          { reason: messageOf(error), path },
          'a sent alert about the program could not be noted: after a restart it may go out again',
        );
      }
    },
  };
}

function readTold(path: string): readonly ToldSelfAlert[] {
  const read = readJsonFile(path);
  return Array.isArray(read) ? read.filter(isTold) : [];
}

function isTold(entry: unknown): entry is ToldSelfAlert {
  if (typeof entry !== 'object' || entry === null) return false;
  const { problem, receiver, since, toldAt } = entry as Record<string, unknown>;
  return typeof problem === 'string' && typeof receiver === 'string' && Number.isInteger(since) && Number.isInteger(toldAt);
}
