import type { ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import { PLACES } from '@transaction-guardian/contracts/role.ts';
import { readIdentity } from '../auth/identity.ts';

/** Whether only the writer of a message reads its answer. A gateway names a direct chat by its sender; Slack by an id that begins
 *  with D. Pure. */
export function isDirect({ channel, sender, conversation }: Pick<ChatMessage, 'channel' | 'sender' | 'conversation'>): boolean {
  if (PLACES.some((place) => place === channel) || conversation === sender) return true;
  if (channel === 'slack') return /^D[A-Z0-9]+$/.test(conversation);
  const [one, other] = [sender, conversation].map((account) => readIdentity(`${channel}:${account}`));
  return one !== undefined && other !== undefined && 'key' in one && 'key' in other && one.key === other.key;
}
