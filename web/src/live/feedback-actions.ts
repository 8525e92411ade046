import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { Api } from './api.ts';
import { messageOf } from './ask.ts';
import type { VerdictMark } from './feedback-marks.ts';
import type { Store } from './store.ts';

/** What a person can say of an anomaly. Both resolve when the server has answered; a refusal is shown, not thrown. */
export interface FeedbackActions {
  give(anomalyId: string, verdict: Verdict): Promise<void>;
  withdraw(anomalyId: string): Promise<void>;
}

/** Makes the actions. The page shows them at once and takes them back when the server refuses. */
export function createFeedbackActions(deps: {
  readonly store: Store;
  readonly api: Pick<Api, 'giveFeedback' | 'withdrawFeedback'>;
}): FeedbackActions {
  const { store, api } = deps;
  const attempt = async (anomalyId: string, verdict: Verdict | null, ask: () => Promise<VerdictMark | null>): Promise<void> => {
    const by = store.get().feedback.actor;
    const before = store.get().feedback.marks.find((mark) => mark.anomaly_id === anomalyId && mark.by === by) ?? null;
    const set = (mark: VerdictMark | null, failure: string | null) =>
      store.dispatch({ type: 'feedback_own', own: { anomalyId, by, mark, failure } });
    set(verdict === null ? null : { number: -1, anomaly_id: anomalyId, verdict, by }, null);
    try {
      set(await ask(), null);
    } catch (error) {
      set(before, messageOf(error));
    }
  };
  return {
    give: (anomalyId, verdict) =>
      attempt(anomalyId, verdict, async () => {
        const { number, by } = await api.giveFeedback(anomalyId, { verdict });
        return { number, anomaly_id: anomalyId, verdict, by };
      }),
    withdraw: (anomalyId) =>
      attempt(anomalyId, null, async () => {
        await api.withdrawFeedback(anomalyId);
        return null;
      }),
  };
}
