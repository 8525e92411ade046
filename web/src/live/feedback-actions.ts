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

/** What this page asks of one anomaly: one request after the other. */
interface Turns {
  last: Promise<void>;
  newest: number;
  /** What is in force by the server's last answer. */
  confirmed: VerdictMark | null;
}

/** Makes the actions. The page shows the newest at once and takes it back when the server refuses. Two about one anomaly reach the
 *  server in the order in which they were given, whatever the network does. */
export function createFeedbackActions(deps: {
  readonly store: Store;
  readonly api: Pick<Api, 'giveFeedback' | 'withdrawFeedback'>;
}): FeedbackActions {
  const { store, api } = deps;
  const waiting = new Map<string, Turns>();
  const ownMark = (anomalyId: string, by: string): VerdictMark | null =>
    store.get().feedback.marks.find((mark) => mark.anomaly_id === anomalyId && mark.by === by) ?? null;
  const attempt = (anomalyId: string, verdict: Verdict | null, ask: () => Promise<VerdictMark | null>): Promise<void> => {
    const by = store.get().feedback.actor;
    const turns = waiting.get(anomalyId) ?? { last: Promise.resolve(), newest: 0, confirmed: ownMark(anomalyId, by) };
    waiting.set(anomalyId, turns);
    const turn = ++turns.newest;
    const set = (mark: VerdictMark | null, failure: string | null) =>
      store.dispatch({ type: 'feedback_own', own: { anomalyId, by, mark, failure } });
    set(verdict === null ? null : { number: -1, anomaly_id: anomalyId, verdict, by, by_name: store.get().actor?.name ?? by }, null);
    const run = async () => {
      let failure: string | null = null;
      try {
        turns.confirmed = await ask();
      } catch (error) {
        failure = messageOf(error);
      }
      // A newer one is on its way: the page shows that one, and its answer decides.
      if (turn !== turns.newest) return;
      waiting.delete(anomalyId);
      set(turns.confirmed, failure);
    };
    turns.last = turns.last.then(run);
    return turns.last;
  };
  return {
    give: (anomalyId, verdict) =>
      attempt(anomalyId, verdict, async () => {
        const { number, by, by_name } = await api.giveFeedback(anomalyId, { verdict });
        return { number, anomaly_id: anomalyId, verdict, by, by_name };
      }),
    withdraw: (anomalyId) =>
      attempt(anomalyId, null, async () => {
        await api.withdrawFeedback(anomalyId);
        return null;
      }),
  };
}
