import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { readAll } from '../bus/read-all.ts';
import type { Database } from '../store/database.ts';
import { writeFeedback } from '../store/verbs/feedback/write-feedback.ts';
import { parseWindow } from '../detect/stage/parse-window.ts';
import { judgedKeys } from '../detect/series/node-key.ts';

/** How every notice begins; windows, which may be long, begin otherwise and are not parsed. */
const HEAD = Buffer.from('{"v":1,"kind":"feedback"');

/** Puts the verdicts that the log still has into a database that was rebuilt. Returns how many notices it found. */
export async function restoreFeedback(bus: Bus, database: Database): Promise<number> {
  let found = 0;
  for await (const { records } of readAll(bus, TOPICS.windows)) {
    for (const { value } of records) {
      if (HEAD.compare(value, 0, HEAD.length) !== 0) continue;
      const parsed = parseWindow(value);
      if (parsed.kind !== 'feedback') continue;
      await database.transaction((tx) => writeFeedback(tx, parsed.notice, judgedKeys(parsed.notice.given)));
      found += 1;
    }
  }
  return found;
}
