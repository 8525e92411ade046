import { join } from 'node:path';
import type { NotifiedSelfAlert } from '../alert/self-alert.ts';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

/** Which self-alerts fired when this process began, and where what fires now is kept. */
export interface SelfAlertMemory {
  readonly notified: readonly NotifiedSelfAlert[];
  keep(notified: readonly NotifiedSelfAlert[]): void;
}

/** Which alerts about the program itself fire at which receivers, kept in the data directory over restarts and kill -9: neither the
 *  database nor the log may be there when they are sent. A file that cannot be written is notified in the log. */
export function loadNotifiedSelfAlerts(root: string, log: Logger, file = 'self-alerts.json'): SelfAlertMemory {
  const path = join(root, file);
  return {
    notified: readNotified(path),
    keep(notified) {
      try {
        writeJsonFile(path, notified);
      } catch (error) {
        log.error({ reason: messageOf(error), path }, 'failed to record a sent self-alert: it may be sent again after a restart');
      }
    },
  };
}

function readNotified(path: string): readonly NotifiedSelfAlert[] {
  const read = readJsonFile(path);
  return Array.isArray(read) ? read.filter(isNotified) : [];
}

function isNotified(entry: unknown): entry is NotifiedSelfAlert {
  if (typeof entry !== 'object' || entry === null) return false;
  const { problem, receiver, since, toldAt } = entry as Record<string, unknown>;
  return typeof problem === 'string' && typeof receiver === 'string' && Number.isInteger(since) && Number.isInteger(toldAt);
}
