import type { Message } from '@transaction-guardian/contracts/message.ts';
import { notificationId } from '../alert/notify/message.ts';
import type { Sql } from '../store/database.ts';
import { queueNotice } from '../store/verbs/notification/notification-queue.ts';

/** Puts a notice about alerts into the queue. */
export async function queueAbout(
  tx: Sql,
  about: Pick<Message, 'receiver' | 'groupKey' | 'firing' | 'resolved'>,
  externalUrl: string,
  now: number,
): Promise<void> {
  const { receiver, groupKey, firing, resolved } = about;
  const status = firing.length > 0 ? ('firing' as const) : ('resolved' as const);
  const contentHash = [...firing, ...resolved].map((alert) => `${alert.fingerprint} ${alert.starts_at} ${alert.status}`).join('\n');
  const id = notificationId(receiver, groupKey, now, contentHash);
  const message: Message = { ...about, missed: [], externalUrl };
  await queueNotice(tx, { id, receiver, groupKey, status, severity: 'critical', contentHash, message, createdAt: now });
}
