import type { DatabaseSync } from 'node:sqlite';
import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import type { GuardianError } from '../../errors.ts';
import { createAppender, type Appender } from './append.ts';
import { giveSpaceBack, retainStep } from './retention.ts';
import { isPlainRefusal, openTopicFile, unavailable } from './topic-file.ts';
import type { AppendRequest, MaintenanceReport, RetentionFloor, WriterSettings } from './writer.ts';

/** What became of one request: the first offset of each block, or why nothing of it was stored. */
export type AppendOutcome = { readonly offsets: readonly number[] } | { readonly error: GuardianError };

/** The files of all topics as a writer holds them. Everything is synchronous. */
export interface TopicFiles {
  /** One transaction for each topic; outcomes in the order of the requests. */
  append(requests: readonly AppendRequest[]): AppendOutcome[];
  /** Throws BUS_UNAVAILABLE. */
  maintain(nowMs: number, floor: RetentionFloor): MaintenanceReport;
  close(): void;
}

interface OpenFile {
  readonly db: DatabaseSync;
  readonly appender: Appender;
}

/** Holds the files open for a writer; each is opened when first needed, and again after an I/O error. */
export function createTopicFiles(settings: WriterSettings): TopicFiles {
  const open = new Map<Topic, OpenFile>();

  function fileOf(topic: Topic): OpenFile {
    let file = open.get(topic);
    if (file === undefined) {
      const db = openTopicFile({ dir: settings.dir, topic, partitions: settings.partitions[topic], maxFileBytes: settings.maxFileBytes });
      file = { db, appender: createAppender(db) };
      open.set(topic, file);
    }
    return file;
  }

  function drop(topic: Topic): void {
    const file = open.get(topic);
    open.delete(topic);
    if (file?.db.isOpen === true) file.db.close();
  }

  function appendToTopic(topic: Topic, requests: readonly AppendRequest[]): AppendOutcome[] {
    try {
      return fileOf(topic)
        .appender.append(requests)
        .map((offsets) => ({ offsets }));
    } catch (error) {
      // After an I/O error nothing that the connection remembers is trusted.
      if (!isPlainRefusal(error)) drop(topic);
      const reason = unavailable('append to', topic, error);
      return requests.map(() => ({ error: reason }));
    }
  }

  function close(): void {
    for (const topic of open.keys()) drop(topic);
  }

  return {
    append(requests) {
      const outcomes = new Map<AppendRequest, AppendOutcome>();
      for (const [topic, group] of Map.groupBy(requests, (request) => request.topic)) {
        const results = appendToTopic(topic, group);
        group.forEach((request, index) => outcomes.set(request, results[index] as AppendOutcome));
      }
      return requests.map((request) => outcomes.get(request) as AppendOutcome);
    },
    maintain(nowMs, floor) {
      try {
        const files = new Map(Object.values(TOPICS).map((topic) => [topic, fileOf(topic).db]));
        const report = retainStep(files, { ...settings.retention, nowMs, floor });
        const vacuum = [...files].map(([topic, db]) => giveSpaceBack(settings.dir, topic, db));
        return { ...report, more: report.more || vacuum.includes(true) };
      } catch (error) {
        if (!isPlainRefusal(error)) close();
        throw unavailable('tidy up', 'the log', error);
      }
    },
    close,
  };
}
