import { join } from 'node:path';
import type { DataLoss } from '@transaction-guardian/contracts/stats.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
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
    const detail = losses.map((loss) => `${loss.at} ${lossText((key, params) => text('en', `cli.${key}`, params), loss)}`).join('; ');
    return { status: 'degraded', detail, losses };
  };
}

type Say = (key: LossKey, params: Record<string, string | number>) => string;
type LossKey =
  | `loss.${'log.damaged' | 'log.replaced' | 'log.shorter' | 'log.repaired' | 'database.damaged' | 'database.rebuilt'}`
  | 'loss.again'
  | 'loss.lost'
  | 'loss.unreadable'
  | 'loss.unknown'
  | 'loss.none'
  | 'loss.aside';

/** What happened, in words. */
export function lossText(say: Say, { part, topic, why, again, lost, aside }: DataLoss): string {
  const head = part === 'database' ? say(why === 'damaged' ? 'loss.database.damaged' : 'loss.database.rebuilt', {}) : undefined;
  const parts = [head ?? say(`loss.log.${why === 'rebuilt' ? 'replaced' : why}`, { topic: topic ?? '' })];
  if (again !== undefined && again > 0) parts.push(say('loss.again', { n: again }));
  if (lost === null) parts.push(say('loss.unknown', {}));
  else if (lost !== undefined)
    parts.push(lost > 0 ? say(why === 'repaired' ? 'loss.unreadable' : 'loss.lost', { n: lost }) : say('loss.none', {}));
  if (aside !== undefined) parts.push(say('loss.aside', { aside }));
  return parts.join(', ');
}

function isLoss(entry: unknown): entry is DataLoss {
  if (typeof entry !== 'object' || entry === null) return false;
  const { at, part, why } = entry as Record<string, unknown>;
  return typeof at === 'string' && !Number.isNaN(Date.parse(at)) && typeof part === 'string' && typeof why === 'string';
}
