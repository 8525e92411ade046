import { PERSONAL_LINK_MS } from '../../auth/sign-in.ts';
import { actActor } from '../act-actor.ts';
import { isDirect } from '../direct.ts';
import type { Reference } from '../grammar/command.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { findPointed } from './pointed.ts';
import { button, type Reply } from './reply.ts';

const PAGE = '/';

/** "link": a link to the console that signs its writer in, once. Only where nobody else reads it. */
export async function replyLink(turn: Turn, of: Reference | null): Promise<Reply> {
  const { say, message, acts, actor } = turn;
  if (!isDirect(message)) return { text: say('chat.link.group') };
  const found = of === null ? null : await findPointed(turn, of);
  if (found !== null && 'text' in found) return { text: found.text };
  const item = found?.items[0];
  if (found !== null && (item === undefined || found.items.length > 1)) return { text: say('chat.link.one') };
  const done = await whereAllowed(say, () => acts.signIn.mintLink(actActor(turn, 'link'), actor.id));
  if ('denied' in done) return { text: done.denied };
  if (done.value === null) return { text: say('chat.link.nobody') };
  const path = item === undefined ? PAGE : `/${item.fingerprint === null ? 'anomalies' : 'alerts'}/${encodeURIComponent(item.anomalyId)}`;
  const isLocal = /^https?:\/\/(?:localhost|127\.|\[::1\])/.test(done.value.url);
  const text = say('chat.link.yours', { minutes: PERSONAL_LINK_MS / 60_000 });
  return { text: isLocal ? `${text}\n${say('chat.link.local')}` : text, link: { id: done.value.id, path } };
}

/** The way to an entry of the list in the console, for those who are not in it. */
export const linkButtons = ({ say, message }: Pick<Turn, 'say' | 'message'>, number: number) =>
  message.channel === 'console' ? [] : [button(say('chat.button.link'), `link ${number}`)];
