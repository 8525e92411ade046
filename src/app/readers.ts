import { TOPICS, type Topic } from '@transaction-guardian/contracts/topics.ts';
import { ALERT_GROUP } from '../alert/worker.ts';
import { DETECT_GROUP } from '../detect/stage/worker.ts';
import { WINDOW_GROUP } from '../window/worker.ts';

/** Stages in the order of the flow, by what they read: when one is through, what it published is there for the next. */
export const READERS: readonly { readonly group: string; readonly topic: Topic }[] = [
  { group: WINDOW_GROUP, topic: TOPICS.transactions },
  { group: DETECT_GROUP, topic: TOPICS.windows },
  { group: ALERT_GROUP, topic: TOPICS.anomalies },
];

/** Those that read what other stages have made, and the database can rebuild. */
export const DERIVED_READERS = READERS.filter(({ topic }) => topic !== TOPICS.transactions);
