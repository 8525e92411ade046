import type { Database, Sql } from '../../store/database.ts';
import { queueNotification } from '../../store/verbs/notification-queue.ts';
import { saveGroup, takeDueGroups, type NotifyGroup } from '../../store/verbs/notify-groups.ts';
import { readGroupAlerts } from '../../store/verbs/write-alerts.ts';
import { worst } from '../alert-of.ts';
import { notificationId, webhookPayload } from './payload.ts';
import { planMessage, type PlanTimes } from './plan.ts';
import type { Receiver } from './receiver.ts';

export interface QueueOptions extends PlanTimes {
  /** The configured receivers by name; groups of others are left quiet. */
  readonly receivers: ReadonlyMap<string, Receiver>;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
  /** Only this group; default all. */
  readonly groupKey?: string | undefined;
}

const GROUPS_A_TRANSACTION = 50;

/** Puts a message into the queue for each group that is due at `now` (epoch milliseconds) and has something to tell, and notes
 *  when the group is due again; both commit together, a batch of groups at a time. */
export async function queueMessages(database: Database, options: QueueOptions, now: number): Promise<void> {
  for (let full = true; full;) {
    const groups = await database.transaction(async (tx) => {
      const due = await takeDueGroups(tx, now, GROUPS_A_TRANSACTION, options.groupKey);
      for (const group of due) await queueMessage(tx, options, group, now);
      return due;
    });
    full = groups.length === GROUPS_A_TRANSACTION;
  }
}

async function queueMessage(tx: Sql, options: QueueOptions, group: NotifyGroup, now: number): Promise<void> {
  const receiver = options.receivers.get(group.receiver);
  if (receiver === undefined) return saveGroup(tx, group, null);
  const alerts = await readGroupAlerts(tx, group.groupKey, Object.keys(group.told));
  const plan = planMessage(group, alerts, receiver, options, now);
  if (plan.kind === 'quiet') return saveGroup(tx, { ...group, told: plan.told }, plan.flushAt);
  const { firing, resolved } = plan;
  const message = { receiver: group.receiver, groupKey: group.groupKey, firing, resolved };
  const payload = webhookPayload({ ...message, externalUrl: options.externalUrl });
  await queueNotification(tx, {
    id: notificationId(group.receiver, group.groupKey, group.messages + 1, plan.contentHash),
    receiver: group.receiver,
    groupKey: group.groupKey,
    status: payload.status,
    severity: worst((firing.length > 0 ? firing : resolved).map((alert) => alert.severity)),
    payloadHash: plan.contentHash,
    payload,
    tells: plan.tells,
    createdAt: now,
  });
  await saveGroup(tx, { ...group, queuedAt: now, messages: group.messages + 1 }, plan.flushAt);
}
