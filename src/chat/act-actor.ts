import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Turn } from './turn.ts';

/** The writer of a line as the actor of one act in it. `part` tells several acts of one line apart. The id is that of the message,
 *  so a message that comes twice acts once. */
export function actActor({ actor, message, line }: Pick<Turn, 'actor' | 'message' | 'line'>, part: string): Actor {
  return { ...actor, message_id: `${message.conversation}/${message.message_id}/${line}/${part}` };
}
