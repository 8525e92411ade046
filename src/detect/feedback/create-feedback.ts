import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import { effectOf, type FeedbackEffect } from './effect.ts';
import { suppress } from './suppress.ts';
import { shiftThresholds, type JudgedMinute } from './recalibrate.ts';
import { takeNotice, type FeedbackTarget } from './take-notice.ts';

/** The part of a detector that listens to people. */
export interface DetectorFeedback {
  /** Takes a notice at its place: at once when its minute is learnt, else it waits. A repeat changes nothing. */
  take(notice: FeedbackNotice, thresholds: Float64Array): AnomalyEvent[];
  /** Whether something waits for the minutes before `minute` (epoch milliseconds). */
  isDue(minute: number): boolean;
  /** Brings into force what waits for the minutes before `minute` (epoch milliseconds). */
  takeWaiting(minute: number, thresholds: Float64Array): AnomalyEvent[];
  /** Applies the verdicts in force to a judged minute. */
  recalibrate(minute: JudgedMinute): void;
  /** Effect of the verdicts in force at a minute (minutes since the epoch). */
  effectAt(minute: number): FeedbackEffect;
}

const NOTHING: FeedbackEffect = { thresholds: [], patternFactor: 1 };

/** Makes the listener of a detector on its state. */
export function createDetectorFeedback(state: FeedbackTarget): DetectorFeedback {
  const { feedback } = state;
  let known: { readonly hour: number; readonly entries: readonly object[]; readonly effect: FeedbackEffect } | null = null;

  function effectAt(minute: number): FeedbackEffect {
    if (Number.isNaN(minute)) return NOTHING;
    const hour = Math.floor(minute / 60);
    if (known?.hour !== hour || known.entries !== feedback.entries)
      known = { hour, entries: feedback.entries, effect: effectOf(feedback.entries, hour) };
    return known.effect;
  }

  return {
    effectAt,
    take(notice, thresholds) {
      if (notice.number <= feedback.lastNumber) return [];
      feedback.lastNumber = notice.number;
      if (notice.minute <= state.lastMinute) return takeNotice(state, notice, thresholds);
      feedback.waiting.push(notice);
      return [];
    },
    isDue: (minute) => feedback.waiting.some((notice) => notice.minute < minute),
    takeWaiting(minute, thresholds) {
      const due = feedback.waiting.filter((notice) => notice.minute < minute);
      feedback.waiting = feedback.waiting.filter((notice) => notice.minute >= minute);
      return due.flatMap((notice) => takeNotice(state, notice, thresholds));
    },
    recalibrate(minute) {
      if (feedback.entries.length === 0) return;
      const { thresholds } = effectAt(minute.number);
      shiftThresholds(state.store, thresholds, minute);
      suppress(state.store, feedback.entries, minute, ({ kind, id, family }) => {
        const own = thresholds.find((threshold) => threshold.kind === kind && threshold.id === id && threshold.family === family);
        return own?.noise ?? 0;
      });
    },
  };
}
