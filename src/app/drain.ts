import { setTimeout as delay } from 'node:timers/promises';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import type { Database } from '../store/database.ts';
import type { OutboxRelay } from '../outbox/relay.ts';
import { countOutbox } from '../store/verbs/outbox/count-outbox.ts';
import { readUnmerged } from '../store/verbs/window/window-segments.ts';
import { readOffsets } from '../store/verbs/log/read-offset.ts';
import { READERS } from './readers.ts';

export interface DrainDeps {
  readonly relay: Pick<OutboxRelay, 'flush'>;
  readonly bus: Bus;
  readonly database: Database;
}

const POLL_MS = 20;

/** What of a relay in another process is seen from here: that nothing waits for it. */
export function watchOutbox(database: Database): Pick<OutboxRelay, 'flush'> {
  return {
    async flush() {
      while ((await countOutbox(database)) > 0) await delay(POLL_MS);
    },
  };
}

/** Resolves when everything that was in the log at the call is counted, scored and made into alerts. */
export async function drainPipeline(deps: DrainDeps): Promise<void> {
  for (const reader of READERS) {
    const ends = await deps.bus.ranges(reader.topic);
    while (!(await hasRead(deps.database, reader, ends))) await delay(POLL_MS);
    if (reader.topic === TOPICS.transactions) while (!(await hasMerged(deps.database, ends))) await delay(POLL_MS);
    await deps.relay.flush();
  }
}

async function hasRead(database: Database, reader: (typeof READERS)[number], ends: Awaited<ReturnType<Bus['ranges']>>): Promise<boolean> {
  const offsets = await readOffsets(database, reader);
  return ends.every(({ partition, earliest, next }) => (offsets.get(partition) ?? (next === earliest ? next : -1)) >= next);
}

/** What is counted makes windows once it is merged. */
async function hasMerged(database: Database, ends: Awaited<ReturnType<Bus['ranges']>>): Promise<boolean> {
  const unmerged = await readUnmerged(database);
  return ends.every(({ partition, next }) => (unmerged.get(partition) ?? next) >= next);
}
