import { repairTopics, type Repair } from '../bus/embedded/topic-repair.ts';
import type { Clock } from '../clock.ts';
import type { DataDir } from './data-dir.ts';

export type { Repair };

/** Repairs the log of a data directory that the caller has locked. */
export function repairLog(dir: DataDir, clock: Clock): readonly Repair[] {
  return repairTopics(dir.bus, clock.now());
}
