import { actActor } from '../act-actor.ts';
import type { Reference } from '../grammar/command.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { nameText } from './name-text.ts';
import { findPointed, pointedName, type Pointed } from './pointed.ts';
import type { Reply } from './reply.ts';

/** "escalar 1": takes the next step of the escalation now, one alert at a time. */
export async function replyEscalate(turn: Turn, of: Reference): Promise<Reply> {
  const found = await findPointed(turn, of);
  if ('text' in found) return { text: found.text };
  const [only] = found.items;
  if (only === undefined || found.items.length > 1) return { text: turn.say('chat.escalate.one') };
  return { text: await escalate(turn, only), ...(only.number === null ? {} : { talk: { focus: only.number } }) };
}

async function escalate(turn: Turn, item: Pointed): Promise<string> {
  const { acts, say } = turn;
  const what = pointedName(turn, item);
  const done = await whereAllowed(say, () => acts.escalate(actActor(turn, 'escalate'), item.fingerprint ?? item.anomalyId));
  if ('denied' in done) return done.denied;
  const outcome = done.value;
  switch (outcome.kind) {
    case 'done': {
      const { step, steps, people, receivers } = outcome;
      const who = people.length === 0 ? receivers.join(', ') : people.map(nameText).join(', ');
      return say('chat.escalate.done', { what, step, steps, who: who === '' ? say('chat.oncall.nobody') : who });
    }
    case 'over':
      return say('chat.escalate.over', { what, n: outcome.steps });
    case 'no_policy':
      return say('chat.escalate.no_policy', { what });
    case 'not_firing':
      return say('chat.act.not_firing', { what });
    case 'unknown':
      return say('chat.act.no_alert', { what });
  }
}
