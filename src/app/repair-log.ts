import { existsSync } from 'node:fs';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Logger } from 'pino';
import { topicPath } from '../bus/embedded/topic-file.ts';
import { repairTopics, type Repair } from '../bus/embedded/topic-repair.ts';
import type { Clock } from '../clock.ts';
import type { DataDir } from './data-dir.ts';
import { lossNotes } from './data-losses.ts';

export type { Repair };

/** What a repair of a log did. `missing`: topics whose file is not there; the next start makes it. */
export interface LogRepair {
  readonly repairs: readonly Repair[];
  readonly missing: readonly Topic[];
}

/** Topics whose records nothing can make again. Those of the others are in the database until they are read. */
const ONLY_IN_LOG: ReadonlySet<string> = new Set([TOPICS.transactions, TOPICS.dead]);

/** Whether a topic's records are in its file of the log and nowhere else. */
export function isOnlyInLog(topic: Repair['topic']): boolean {
  return ONLY_IN_LOG.has(topic);
}

/** True when a data directory has a file of a log. */
export function hasLog({ bus }: Pick<DataDir, 'bus'>): boolean {
  return Object.values(TOPICS).some((topic) => existsSync(topicPath(bus, topic)));
}

/** Repairs the log of a data directory that the caller has locked, and notes what happened for `/health`. */
export function repairLog(dir: DataDir, deps: { readonly clock: Clock; readonly log: Logger }): LogRepair {
  const missing = Object.values(TOPICS).filter((topic) => !existsSync(topicPath(dir.bus, topic)));
  const repairs = repairTopics(dir.bus, deps.clock.now());
  const note = lossNotes(dir.root, deps);
  for (const repair of repairs) note({ part: 'log', topic: repair.topic, why: 'repaired', aside: repair.aside, lost: lostBy(repair) });
  return { repairs, missing };
}

function lostBy({ topic, lost, isUnreadable }: Repair): number | null {
  if (!isOnlyInLog(topic)) return 0;
  return isUnreadable ? null : lost.reduce((sum, { from, to }) => sum + to - from, 0);
}
