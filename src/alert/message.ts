import { createHash } from 'node:crypto';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';

/** `firing` while any alert of the message fires. */
export const messageStatus = ({ firing }: Pick<Message, 'firing'>): Alert['status'] => (firing.length > 0 ? 'firing' : 'resolved');

/** The alerts of a message as people read them: firing before resolved, the most severe first. */
export const alertsInOrder = ({ firing, resolved }: Pick<Message, 'firing' | 'resolved'>): NotifiedAlert[] => [
  ...bySeverity(firing),
  ...bySeverity(resolved),
];

const bySeverity = (alerts: readonly NotifiedAlert[]): NotifiedAlert[] =>
  alerts.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));

/** Id of a message: the same message of the same group always has the same one. `number`: its place in the group. */
export function notificationId(receiver: string, groupKey: string, number: number, contentHash: string): string {
  const hash = createHash('sha256').update(JSON.stringify([receiver, groupKey, number, contentHash]));
  return `nt_${hash.digest('hex').slice(0, 20)}`;
}
