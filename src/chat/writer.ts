import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import { personActor, type Directory, channelOf } from '../auth/directory.ts';
import { PLACES } from '@transaction-guardian/contracts/role.ts';
import type { ChatAuthor } from './turn.ts';

/** Says who writes a message; null: nobody that is known. `caller`: who brought it to the API.
 *  - A session of the console, and a caller that has named its person, speak for themselves, whatever sender the message names.
 *  - A program (the gateway of a chat, `guardian chat`) names the sender of a channel, who must be configured; from the places
 *    `cli` and `console` it may be the program itself. A program that may not act vouches for nobody: its people only look.
 *  - In a message that is `read_only` everybody only looks. */
export function writerOf(directory: Directory, caller: Actor, message: ChatMessage): ChatAuthor | null {
  const writer = findWriter(directory, caller, message);
  return writer === null || message.read_only !== true ? writer : { ...writer, actor: looking(writer.actor) };
}

const looking = (actor: Actor): Actor => ({ ...actor, role: null });

function findWriter(directory: Directory, caller: Actor, message: ChatMessage): ChatAuthor | null {
  // A page has the language that was chosen on it; elsewhere people are spoken to in their own.
  if (caller.kind === 'person')
    return { actor: caller, locale: caller.channel === 'console' ? null : (directory.byId(caller.id)?.language ?? null) };
  const { channel, sender } = message;
  const place = PLACES.find((one) => one === channel);
  const person = directory.person(place ?? `${channel}:${sender}`);
  if (person === null) return place === undefined ? null : { actor: { ...caller, channel: place }, locale: null };
  const actor = personActor(person, { channel: channelOf(channel), address: caller.address });
  return { actor: caller.role === null ? looking(actor) : actor, locale: person.language ?? null };
}
