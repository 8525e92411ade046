import type { Logger } from 'pino';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { extentOf, noteExtents } from '../store/verbs/log/note-extent.ts';
import type { ReplacedLog } from '../store/verbs/log/check-log.ts';
import { sendUnreadableAgain } from '../store/verbs/log/unreadable.ts';
import { releaseOutbox } from '../store/verbs/outbox/release-outbox.ts';

/** A consumer group and the topic that it reads. */
export interface TopicConsumer {
  readonly topic: Topic;
  readonly group: string;
}

const EVERY_MS = 1000;

/** Makes what is done beside the relay, at most once a second: published messages that no reader needs leave the outbox, the
 *  database learns how long each log is, so that a lost one can be filled again or what it held be named, and what a stage could
 *  not read is put in line again (`onAgain`). Call it while nothing is published. Throws what bus and database throw. */
export function createUpkeepOfLogs(
  { bus, database, clock, log }: { readonly bus: Bus; readonly database: Database; readonly clock: Clock; readonly log: Logger },
  readers: readonly TopicConsumer[],
  onAgain: (found: ReplacedLog) => void,
): () => Promise<void> {
  let doneAt = Number.NEGATIVE_INFINITY;
  let noted = '';
  return async () => {
    if (readers.length === 0 || clock.monotonic() - doneAt < EVERY_MS) return;
    await releaseOutbox(database, readers);
    const extents = await Promise.all(Object.values(TOPICS).map(async (topic) => extentOf(topic, await bus.ranges(topic))));
    const note = JSON.stringify(extents);
    if (note !== noted) await noteExtents(database, extents);
    noted = note;
    for (const found of await database.transaction((tx) => sendUnreadableAgain(tx, extents))) {
      log.error({ ...found }, 'part of a topic log is unreadable: republishing what is needed');
      onAgain(found);
    }
    doneAt = clock.monotonic();
  };
}
