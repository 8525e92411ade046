import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { fingerprintOf } from '../alert/wire-labels.ts';
import { groupKeyFor } from '../alert/group.ts';
import type { Sql } from '../store/database.ts';
import { queueNotice } from '../store/verbs/notification/notification-queue.ts';
import type { Boundary } from './shift.ts';

/** The group of the messages of a briefing. */
export const briefingGroup = (id: string): string => groupKeyFor({ scope: 'briefing', briefing: id });

/** A briefing as a message of its own group: an alert of the severity `info` that fires until the briefing is accepted, or another
 *  one follows. `endedAt` null: it waits. Pure. */
export function briefingMessage(
  receiver: string,
  { id, at, shift, kind }: Pick<Boundary, 'id' | 'at' | 'shift' | 'kind'>,
  { summary, endedAt, externalUrl }: { readonly summary: string; readonly endedAt: number | null; readonly externalUrl: string },
): Message {
  const labels = { alertname: 'GuardianBriefing', severity: 'info', briefing: id, shift, kind, service: 'transaction-guardian' };
  const [title = ''] = summary.split('\n');
  const url = externalUrl === '' ? {} : { url: `${externalUrl.replace(/\/+$/, '')}/api/v1/briefings/${id}?format=html` };
  const alert: NotifiedAlert = {
    fingerprint: fingerprintOf(labels),
    status: endedAt === null ? 'firing' : 'resolved',
    severity: 'info',
    labels,
    annotations: { summary: title, description: summary, message: summary, ...url },
    starts_at: new Date(at).toISOString(),
    ends_at: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
  const parts = endedAt === null ? { firing: [alert], resolved: [] } : { firing: [], resolved: [alert] };
  return { receiver, groupKey: briefingGroup(id), ...parts, missed: [], externalUrl };
}

/** Puts a message of a briefing into the queue. `id` is its own: the same again would be refused. */
export async function queueBriefing(tx: Sql, id: string, message: Message, now: number): Promise<void> {
  const { receiver, groupKey } = message;
  const status = message.firing.length > 0 ? 'firing' : 'resolved';
  await queueNotice(tx, {
    id,
    receiver,
    groupKey,
    status,
    severity: 'info',
    contentHash: `${groupKey} ${status}`,
    message,
    createdAt: now,
  });
}
