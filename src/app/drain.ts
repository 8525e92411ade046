import { setTimeout as delay } from 'node:timers/promises';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { ALERT_GROUP } from '../alert/worker.ts';
import type { Bus } from '../bus/bus.ts';
import { DETECT_GROUP } from '../detect/worker.ts';
import type { Database } from '../store/database.ts';
import type { OutboxRelay } from '../store/outbox-relay.ts';
import { readOffsets } from '../store/verbs/read-offset.ts';
import { WINDOW_GROUP } from '../window/worker.ts';

export interface DrainDeps {
  readonly relay: OutboxRelay;
  readonly bus: Bus;
  readonly database: Database;
}

/** Stages in the order of the flow: when one is through, what it published is there for the next. */
const READERS: readonly { readonly group: string; readonly topic: Topic }[] = [
  { group: WINDOW_GROUP, topic: TOPICS.transactions },
  { group: DETECT_GROUP, topic: TOPICS.windows },
  { group: ALERT_GROUP, topic: TOPICS.anomalies },
];

const POLL_MS = 20;

/** Resolves when everything that was in the log at the call is counted, scored and made into alerts. */
export async function drainPipeline(deps: DrainDeps): Promise<void> {
  for (const reader of READERS) {
    const ends = await deps.bus.ranges(reader.topic);
    while (!(await hasRead(deps.database, reader, ends))) await delay(POLL_MS);
    await deps.relay.flush();
  }
}

async function hasRead(database: Database, reader: (typeof READERS)[number], ends: Awaited<ReturnType<Bus['ranges']>>): Promise<boolean> {
  const offsets = await readOffsets(database, reader);
  return ends.every(({ partition, earliest, next }) => (offsets.get(partition) ?? (next === earliest ? next : -1)) >= next);
}
