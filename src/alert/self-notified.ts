import type { Sql } from '../store/database.ts';
import { listNotifications } from '../store/verbs/notification/list-notifications.ts';
import { SELF_GROUP } from './group.ts';
import type { Receiver } from './notify/receiver-schema.ts';

/** True when the newest message about the program itself has reached every receiver of critical alerts, and says that a critical one
 *  fires: then nobody needs to be woken for the same cause by another way. */
export async function isNotifiedEverywhere(sql: Sql, receivers: readonly Pick<Receiver, 'name' | 'severities'>[]): Promise<boolean> {
  const audience = receivers.filter(({ severities }) => severities === undefined || severities.includes('critical'));
  for (const { name: receiver } of audience) {
    const [last] = (await listNotifications(sql, { receiver, groupKey: SELF_GROUP }, { limit: 1 })).items;
    if (last?.state !== 'delivered' || last.status !== 'firing' || last.severity !== 'critical') return false;
  }
  return audience.length > 0;
}
