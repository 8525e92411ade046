import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Sql } from '../../store/database.ts';
import { hasDeliveredEnd } from '../../store/verbs/notification/delivered-end.ts';
import { takeGroup } from '../../store/verbs/notification/notify-groups.ts';
import { readPassedOn } from './passed-on.ts';
import { occurrenceOf } from './plan.ts';

export interface EndedAlert {
  readonly alert: Pick<Alert, 'fingerprint' | 'starts_at'>;
  readonly groupKey: string;
}

/** Whether a receiver hears, or has heard, of the end of an alert by the messages of its group: who has the page, or may have it, does.
 *  Locks the group, so that no send begins between the answer and the commit. `now`: epoch milliseconds. */
export async function hearsEnd(
  tx: Sql,
  receiver: string,
  { alert, groupKey }: EndedAlert,
  { repeatIntervalMs, now }: { readonly repeatIntervalMs: number; readonly now: number },
): Promise<boolean> {
  const taken = await takeGroup(tx, receiver, groupKey);
  if (taken === null) return false;
  const { group } = await readPassedOn(tx, taken, repeatIntervalMs, now);
  const isKnown = group.told[alert.fingerprint] !== undefined || group.withheld.includes(alert.fingerprint);
  return isKnown || group.offered[occurrenceOf(alert)] !== undefined || (await hasDeliveredEnd(tx, receiver, groupKey, alert));
}
