import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { actActor } from '../act-actor.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { foreignText, nameText } from './name-text.ts';
import { tree, type Reply } from './reply.ts';

/** "aceito": takes over what the latest briefing hands over, or that of an id. */
export async function replyAccept(turn: Turn, id: string | null): Promise<Reply> {
  const { acts, say, locale, actor } = turn;
  const briefing = await acts.briefings.read(id, locale);
  if (briefing === null) return { text: say(id === null ? 'chat.accept.none' : 'chat.accept.unknown') };
  const done = await whereAllowed(say, () => acts.briefings.accept(actActor(turn, 'accept'), briefing.id));
  if ('denied' in done) return { text: done.denied };
  const { shift, due_at: due, facts } = briefing;
  if (done.value.kind === 'taken') return { text: say('chat.accept.taken', { by: nameText(done.value.name), at: done.value.at }) };
  if (done.value.kind === 'unknown') return { text: say('chat.accept.unknown') };
  const by = nameText(shownName(actor));
  const heading = `🤝 ${say(`chat.accept.done_${briefing.kind === 'end' ? 'end' : 'start'}`, { shift, at: due, by })}`;
  const waiting = await acts.briefings.waiting();
  const byState = Map.groupBy(facts.pendencies, ({ key }) => (waiting.has(key) ? 'pending' : 'over'));
  const lists = (['pending', 'over'] as const).flatMap((state) => {
    const names = (byState.get(state) ?? []).map(({ texts }) => nameLine(texts[locale] ?? ''));
    return names.length === 0 ? [] : [tree(say(`chat.accept.${state}`, { n: names.length }), names)];
  });
  return {
    text: [heading, ...lists].join('\n'),
    followUps: [say('chat.say.alerts'), say('chat.say.incidents')],
  };
}

const nameLine = (text: string): string => foreignText((text.split('\n')[0] ?? '').trim());
