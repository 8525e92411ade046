import { actActor } from '../act-actor.ts';
import type { Turn } from '../turn.ts';
import { whereAllowed } from './allowed.ts';
import { nameText } from './name-text.ts';
import { button, type Reply } from './reply.ts';
import { silencedText } from './silence.ts';

/** "rebaixar 3f9a21c7": a cause that a briefing proposes notifies nobody for a week; the button takes it back. */
export async function replyDemote(turn: Turn, cause: string): Promise<Reply> {
  const { acts, say, locale } = turn;
  const done = await whereAllowed(say, () => acts.briefings.demote(actActor(turn, 'demote'), { cause, locale }));
  if ('denied' in done) return { text: done.denied };
  const outcome = done.value;
  if (outcome === null) return { text: say('chat.demote.unknown', { cause }) };
  const { id, ends_at: until, max_severity: severity } = outcome.silence;
  const what = silencedText(turn, outcome.silence);
  if (outcome.kind === 'already') return { text: say('chat.demote.already', { what, by: nameText(outcome.by.name), until }) };
  const worse = severity === 'critical' ? '' : ` ${say('chat.demote.worse', { severity: say(`anomaly.severity.${severity}`) })}`;
  return {
    text: `📉 ${say('chat.demote.done', { what, until })}${worse}`,
    buttons: [button(say('chat.button.undo'), say('chat.say.end_silence', { n: id }))],
    followUps: [say('chat.say.silences')],
  };
}
