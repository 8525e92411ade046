import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { VerdictEntry } from './verdict-entry.ts';

/** What the detector remembers of people's verdicts. Plain data: it goes into the snapshot as JSON. */
export interface FeedbackState {
  /** Highest number taken; notices at or below it are repeats. */
  lastNumber: number;
  /** Verdicts in force, in order of their numbers. */
  entries: VerdictEntry[];
  /** Notices whose minute has not come yet, as when the past is learnt again. */
  waiting: FeedbackNotice[];
}

/** Nothing was ever said. */
export const createFeedbackState = (): FeedbackState => ({ lastNumber: 0, entries: [], waiting: [] });
