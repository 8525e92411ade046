import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import { createTopicFiles } from './topic-files.ts';
import type { Writer, WriterSettings } from './writer.ts';

/** A writer in the calling thread: each append blocks it for one commit. `announce` is called after every commit. */
export function createInlineWriter(settings: WriterSettings, announce: (topic: Topic) => void): Writer {
  const files = createTopicFiles(settings);
  return {
    async append(request) {
      const [outcome] = files.append([request]);
      if (outcome === undefined || 'error' in outcome) throw outcome?.error;
      announce(request.topic);
      return outcome.offsets;
    },
    maintain: async (nowMs, floor) => files.maintain(nowMs, floor),
    close: async () => files.close(),
  };
}
