import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';

/** A notice that gives a verdict on an anomaly; `minute`: epoch milliseconds of the last closed minute. */
export function noticeOf(
  number: number,
  minute: number,
  verdict: Verdict,
  anomaly: Anomaly,
  changes: Partial<FeedbackNotice> = {},
): FeedbackNotice {
  const { id, type, node, duration_minutes, slice, peak } = anomaly;
  const judged = { id, type, node, duration_minutes, slice, z_score: peak.z_score, ml_score: peak.ml_score };
  const place = { v: 1, kind: 'feedback', number, minute, at: 0, by: 'ana' } as const;
  return { ...place, ends: [], how: null, given: { verdict, comment: null, anomaly: judged }, ...changes };
}

/** A notice that only ends verdicts. */
export function endingOf(number: number, minute: number, ends: readonly number[]): FeedbackNotice {
  return { v: 1, kind: 'feedback', number, minute, at: 0, by: 'ana', ends, how: 'reset', given: null };
}
