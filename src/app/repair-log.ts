import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { DataDir } from './data-dir.ts';
import { lossNotes } from './data-losses.ts';
import { repairFiles, topicsOnDisk, type LogFileRepair } from './engines.ts';

/** What a repair of a log did. `missing`: topics whose file is not there; the next start makes it. */
export interface LogRepair {
  readonly repairs: readonly LogFileRepair[];
  readonly missing: readonly Topic[];
}

/** Topics whose records nothing can rebuild. Those of the others are in the database until they are read. */
const ONLY_IN_LOG: ReadonlySet<string> = new Set([TOPICS.transactions, TOPICS.dead]);

/** Whether a topic's records are in its file of the log and nowhere else. */
export function isOnlyInLog(topic: LogFileRepair['topic']): boolean {
  return ONLY_IN_LOG.has(topic);
}

/** True when a data directory has a file of a log. */
export async function hasLog(dir: Pick<DataDir, 'bus'>): Promise<boolean> {
  return (await topicsOnDisk(dir)).length > 0;
}

/** Repairs the log of a data directory that the caller has locked, and notes what happened for `/health`. */
export async function repairLog(dir: DataDir, deps: { readonly clock: Clock; readonly log: Logger }): Promise<LogRepair> {
  const there = await topicsOnDisk(dir);
  const missing = Object.values(TOPICS).filter((topic) => !there.includes(topic));
  const repairs = await repairFiles(dir, deps.clock.now());
  const note = lossNotes(dir.root, deps);
  for (const repair of repairs) note({ part: 'log', topic: repair.topic, why: 'repaired', aside: repair.aside, lost: lostBy(repair) });
  return { repairs, missing };
}

function lostBy({ topic, lost, isUnreadable }: LogFileRepair): number | null {
  if (!isOnlyInLog(topic)) return 0;
  return isUnreadable ? null : lost.reduce((sum, { from, to }) => sum + to - from, 0);
}
