import type { FeedbackMark } from '@transaction-guardian/contracts/feedback.ts';

/** A verdict in force, as the page knows it. */
export type VerdictMark = NonNullable<FeedbackMark['given']>;

/** The verdicts in force, and the last one that could not be given. */
export interface FeedbackMarks {
  /** Id of the actor that this page acts as; '' until the server has said it. */
  readonly actor: string;
  readonly marks: readonly VerdictMark[];
  readonly failure: { readonly anomalyId: string; readonly message: string } | null;
}

export const NO_MARKS: FeedbackMarks = { actor: '', marks: [], failure: null };

/** What one person says of one anomaly. */
export interface Own {
  readonly anomalyId: string;
  readonly by: string;
  readonly mark: VerdictMark | null;
  /** Why the server refused; null when it did not. */
  readonly failure: string | null;
}

/** Applies an event of the stream. Applying it twice changes nothing. */
export function applyMark(state: FeedbackMarks, { ends, given }: FeedbackMark): FeedbackMarks {
  const kept = state.marks.filter(({ number }) => !ends.includes(number));
  return { ...state, marks: given === null ? kept : [...without(kept, given.anomaly_id, given.by), given] };
}

/** Sets what one person says of one anomaly: before the server has answered, when it has, and back when it refused. */
export function setOwn(state: FeedbackMarks, { anomalyId, by, mark, failure }: Own): FeedbackMarks {
  const others = without(state.marks, anomalyId, by);
  return {
    ...state,
    marks: mark === null ? others : [...others, mark],
    failure: failure === null ? null : { anomalyId, message: failure },
  };
}

const without = (marks: readonly VerdictMark[], anomalyId: string, by: string): readonly VerdictMark[] =>
  marks.filter((mark) => mark.anomaly_id !== anomalyId || mark.by !== by);
