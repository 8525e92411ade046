import { MAX_BY, SOMEBODY, type Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { useMemo, useState } from 'react';
import type { FeedbackActions } from '../../live/feedback-actions.ts';
import type { FeedbackMarks, Mark } from '../../live/feedback-marks.ts';

const STORAGE_KEY = 'guardian.name';

/** What people say of anomalies, as the page shows it and lets this person add to it. */
export interface Judging extends FeedbackMarks {
  /** This person's name, '' when not given. */
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly give: (anomaly: AnomalyView, verdict: Verdict) => void;
  readonly undo: (anomaly: AnomalyView) => void;
}

/** Binds the actions to the person, whose name is remembered. */
export function useJudging(feedback: FeedbackMarks, actions: FeedbackActions): Judging {
  const [name, setName] = useState(readName);
  return useMemo(() => {
    const by = name.trim() || SOMEBODY;
    return {
      ...feedback,
      name,
      setName: (next) => {
        setName(next.slice(0, MAX_BY));
        rememberName(next.slice(0, MAX_BY));
      },
      give: (anomaly, verdict) => void actions.give(anomaly.id, verdict, by),
      undo: (anomaly) => void actions.withdraw(anomaly.id, by),
    };
  }, [feedback, actions, name]);
}

/** The verdicts on one anomaly, and which of them is this person's. */
export function marksOf({ marks, name }: Judging, anomaly: AnomalyView): { readonly all: readonly Mark[]; readonly own: Mark | undefined } {
  const all = marks.filter((mark) => mark.anomaly_id === anomaly.id);
  return { all, own: all.find((mark) => mark.by === (name.trim() || SOMEBODY)) };
}

/** True while the product asks whether the level of an anomaly is normal now. */
export function isQuestion(anomaly: AnomalyView): boolean {
  return anomaly.status === 'open' && anomaly.reasons.some(({ code }) => code === 'stable_new_level');
}

function readName(): string {
  try {
    return localStorage.getItem(STORAGE_KEY) ?? '';
  } catch {
    return '';
  }
}

function rememberName(name: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, name);
  } catch {
    // Private windows may refuse storage: the name then lasts as long as the page.
  }
}
