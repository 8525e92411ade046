import type { OnCallNow } from '@transaction-guardian/contracts/oncall.ts';
import type { Turn } from '../turn.ts';
import { nameText } from './name-text.ts';
import { tree, type Reply } from './reply.ts';

/** "plantão": who is on call, until when, and who is next. */
export async function replyOnCall(turn: Turn): Promise<Reply> {
  const { acts, data, say } = turn;
  const schedules = await acts.oncall.at(data.clock.now());
  return { text: schedules.length === 0 ? say('chat.oncall.none') : schedules.map((one) => scheduleText(turn, one)).join('\n\n') };
}

function scheduleText({ say }: Turn, { schedule, person, until, next }: OnCallNow): string {
  const mark = person === null ? '⚠️' : '📟';
  const now = person === null ? say('chat.oncall.nobody') : nameText(person.name);
  return tree(`${mark} ${say('chat.oncall.title', { schedule })}`, [
    until === null ? say('chat.oncall.now', { who: now }) : say('chat.oncall.now_until', { who: now, until }),
    next === null ? say('chat.oncall.no_next') : say('chat.oncall.next', { who: nameText(next.person.name), at: next.at }),
  ]);
}
