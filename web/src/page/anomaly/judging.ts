import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { useMemo } from 'react';
import type { FeedbackActions } from '../../live/feedback-actions.ts';
import type { FeedbackMarks, VerdictMark } from '../../live/feedback-marks.ts';

/** What people say of anomalies, as the page shows it and lets this person add to it. */
export interface Judging extends FeedbackMarks {
  readonly give: (anomaly: AnomalyView, verdict: Verdict) => void;
  readonly undo: (anomaly: AnomalyView) => void;
}

/** Binds the actions to the marks. */
export function useJudging(feedback: FeedbackMarks, actions: FeedbackActions): Judging {
  return useMemo(
    () => ({
      ...feedback,
      give: (anomaly, verdict) => void actions.give(anomaly.id, verdict),
      undo: (anomaly) => void actions.withdraw(anomaly.id),
    }),
    [feedback, actions],
  );
}

/** The verdicts on one anomaly, and which of them is this person's. */
export function marksOf(
  { marks, actor }: Judging,
  anomaly: AnomalyView,
): { readonly all: readonly VerdictMark[]; readonly own: VerdictMark | undefined } {
  const all = marks.filter((mark) => mark.anomaly_id === anomaly.id);
  return { all, own: all.find((mark) => mark.by === actor) };
}

/** True while the product asks whether the level of an anomaly is normal now. */
export function isQuestion(anomaly: AnomalyView): boolean {
  return anomaly.status === 'open' && anomaly.reasons.some(({ code }) => code === 'stable_new_level');
}
