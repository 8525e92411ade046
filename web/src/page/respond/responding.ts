import { useMemo, useState } from 'react';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Api } from '../../live/api.ts';
import { messageOf } from '../../live/ask.ts';
import type { Store } from '../../live/store.ts';

/** What this person can do about alerts. A refusal is shown, not thrown. */
export interface Responding {
  /** Fingerprint of the alert that the server is asked about. */
  readonly busy: string | null;
  readonly failure: { readonly fingerprint: string; readonly message: string } | null;
  readonly acknowledge: (alert: AlertView) => void;
  readonly unacknowledge: (alert: AlertView) => void;
  readonly snooze: (alert: AlertView, minutes: number) => void;
  readonly unsnooze: (alert: AlertView) => void;
  /** Silences the cause of an alert; false when the server refused. */
  readonly silence: (alert: AlertView, input: { readonly minutes: number; readonly reason: string }) => Promise<boolean>;
}

type RespondApi = Pick<Api, 'acknowledge' | 'unacknowledge' | 'snooze' | 'unsnooze' | 'createSilence' | 'alerts'>;

/** Makes the actions. What the server answers is shown at once; the event stream brings the same to everybody else. */
export function useResponding(store: Store, api: RespondApi): Responding {
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<Responding['failure']>(null);
  return useMemo(() => {
    const attempt = async (alert: AlertView, ask: () => Promise<readonly AlertView[]>): Promise<boolean> => {
      const { fingerprint } = alert;
      setBusy(fingerprint);
      setFailure(null);
      try {
        for (const changed of await ask()) store.dispatch({ type: 'alert', alert: changed });
        return true;
      } catch (error) {
        setFailure({ fingerprint, message: messageOf(error) });
        return false;
      } finally {
        setBusy(null);
      }
    };
    const one = (alert: AlertView, ask: () => Promise<AlertView>): void => void attempt(alert, async () => [await ask()]);
    return {
      busy,
      failure,
      acknowledge: (alert) => one(alert, () => api.acknowledge(alert.fingerprint)),
      unacknowledge: (alert) => one(alert, () => api.unacknowledge(alert.fingerprint)),
      snooze: (alert, minutes) => one(alert, () => api.snooze(alert.fingerprint, minutes)),
      unsnooze: (alert) => one(alert, () => api.unsnooze(alert.fingerprint)),
      silence: (alert, input) =>
        attempt(alert, async () => {
          await api.createSilence({ alert_id: alert.fingerprint, ...input });
          return (await api.alerts()).items;
        }),
    };
  }, [store, api, busy, failure]);
}
