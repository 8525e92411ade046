import { join } from 'node:path';
import type { DataLoss } from '@transaction-guardian/contracts/stats.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { StageHealth } from '../stage.ts';
import type { DamagedFile } from './engines.ts';
import { followJsonFile, readJsonFile, writeJsonFile } from './json-file.ts';

const FILE = 'losses.json';
const KEPT = 20;
/** Every shift of a day sees it once. */
const SHOWN_MS = 24 * 3_600_000;

/** How the data directory is: what happened to its files, as far as it still counts. */
export interface DataHealth extends StageHealth {
  readonly losses?: DataLoss[];
}

/** What happened to the files of a data directory, the newest 20, oldest first. A file that cannot be read says nothing. */
export const readLosses = (root: string): DataLoss[] => lossesOf(readJsonFile(join(root, FILE)));

const lossesOf = (read: unknown): DataLoss[] => (Array.isArray(read) ? read.filter(isLoss) : []);

/** Notes what happened, so that it is shown over restarts. A topic whose file was quarantined at this start and that turns out
 *  to be replaced is one event. Throws what the file system throws. */
function noteLoss(root: string, loss: DataLoss): void {
  const losses = readLosses(root);
  const before = losses.findLastIndex(({ part, topic, again }) => part === 'log' && topic === loss.topic && again === undefined);
  const { again } = loss;
  const isSame = loss.part === 'log' && again !== undefined && before >= 0;
  const noted = isSame
    ? losses.with(before, { ...loss, ...losses[before], again, lost: loss.lost ?? losses[before]?.lost ?? null })
    : [...losses, loss];
  writeJsonFile(join(root, FILE), noted.slice(-KEPT));
}

/** Notes what happens, and says in the log when that fails: a start must not. */
export function lossNotes(root: string, { clock, log }: { readonly clock: Clock; readonly log: Logger }) {
  return (loss: Omit<DataLoss, 'at'>): void => {
    try {
      noteLoss(root, { at: new Date(clock.now()).toISOString(), ...loss });
    } catch (error) {
      log.error({ reason: messageOf(error), loss }, 'failed to record a data loss: /health will not show it');
    }
  };
}

/** What a start says of a file that it has quarantined; what is lost with a topic, the database knows. */
export function toLoss({ topic, aside, lost }: DamagedFile): Omit<DataLoss, 'at'> {
  return { part: 'log', topic, why: 'damaged', aside, ...(lost === undefined ? {} : { lost }) };
}

/** Makes the health of a data directory: degraded for 24 hours after a file of the log or the database was lost, quarantined or
 *  rebuilt. */
export function createDataHealth(root: string, clock: Clock): () => DataHealth {
  const read = followJsonFile(join(root, FILE));
  return () => {
    const since = clock.now() - SHOWN_MS;
    const losses = lossesOf(read()).filter(({ at }) => Date.parse(at) >= since);
    if (losses.length === 0) return { status: 'ok' };
    return { status: 'degraded', losses };
  };
}

function isLoss(entry: unknown): entry is DataLoss {
  if (typeof entry !== 'object' || entry === null) return false;
  const { at, part, why } = entry as Record<string, unknown>;
  return typeof at === 'string' && !Number.isNaN(Date.parse(at)) && typeof part === 'string' && typeof why === 'string';
}
