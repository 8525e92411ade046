import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToldSelfAlert } from '../alert/self-alert.ts';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';

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
        writeFileSync(`${path}.new`, JSON.stringify(told), { mode: 0o600, flush: true });
        renameSync(`${path}.new`, path);
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
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(read) ? read.filter(isTold) : [];
  } catch {
    return [];
  }
}

function isTold(entry: unknown): entry is ToldSelfAlert {
  if (typeof entry !== 'object' || entry === null) return false;
  const { problem, receiver, since, toldAt } = entry as Record<string, unknown>;
  return typeof problem === 'string' && typeof receiver === 'string' && Number.isInteger(since) && Number.isInteger(toldAt);
}
