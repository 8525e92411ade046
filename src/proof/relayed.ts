import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { messageStatus, notificationId } from '../alert/message.ts';
import type { Sql } from '../store/database.ts';
import type { Receipt } from '../store/verbs/proof/receipts.ts';
import { findRelayed, readReceivedAlerts, writeRelayed, type ReceivedAlert } from '../store/verbs/proof/relayed.ts';

/** Name under which messages are listed that Alertmanager makes of our alerts. */
export const ALERTMANAGER_RECEIVER = 'alertmanager';

/** The message that a receipt is of, where Alertmanager made it: it has no row here before its receipt, which names its alerts. Gives
 *  its id; null where none of its alerts is known, and for one that failed and was never here. */
export async function noteRelayed(tx: Sql, receipt: Receipt, now: number): Promise<string | null> {
  const known = await findRelayed(tx, ALERTMANAGER_RECEIVER, receipt);
  if (known !== null || receipt.state === 'failed') return known;
  const alerts = await readReceivedAlerts(tx, receipt);
  const [first] = alerts;
  if (first === undefined) return null;
  const of = (status: ReceivedAlert['status']) => alerts.filter((one) => one.status === status).map(saidOf);
  const about = { receiver: ALERTMANAGER_RECEIVER, groupKey: first.groupKey };
  const message: Message = { ...about, firing: of('firing'), resolved: of('resolved'), missed: [], externalUrl: '' };
  const id = notificationId(ALERTMANAGER_RECEIVER, first.groupKey, 0, `${receipt.channel} ${receipt.to} ${receipt.providerMessageId}`);
  const severity = SEVERITIES.find((one) => alerts.some(({ alert }) => alert.severity === one)) ?? 'info';
  await writeRelayed(tx, { id, message, status: messageStatus(message), severity, receipt, now });
  return id;
}

function saidOf({ alert, status }: ReceivedAlert): NotifiedAlert {
  const { severity, labels, annotations, starts_at, ends_at, fingerprint } = alert;
  return { status, severity, labels, annotations, starts_at, ends_at: status === 'firing' ? null : ends_at, fingerprint };
}
