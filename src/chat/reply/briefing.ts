import type { Briefing } from '@transaction-guardian/contracts/briefing.ts';
import type { Turn } from '../turn.ts';
import { foreignText } from './name-text.ts';
import { button, type Reply } from './reply.ts';
import { caveatLines } from './standing.ts';

/** Longest text that a button sends, bytes. */
const MOST_BYTES = 64;

/** "briefing": the last eight hours as a hand-over, and whether the latest one of a shift waits for somebody to accept it. */
export async function replyBriefing(turn: Turn): Promise<Reply> {
  const { acts, data, say, locale } = turn;
  const [now, latest, stats] = await Promise.all([acts.briefings.now(locale), acts.briefings.read(null, locale), data.stats.read()]);
  const text = foreignText(now.text) + caveatLines(say, stats);
  const demotions = (now.facts.noise.demotions ?? []).map(({ cause }) =>
    button(say('chat.button.demote', { cause }), say('chat.say.demote', { cause })),
  );
  if (latest === null || latest.accepted_by !== null) return { text, buttons: demotions };
  return {
    text: `${text}\n\n🤝 ${say(`chat.briefing.waiting_${latest.kind === 'end' ? 'end' : 'start'}`, { shift: latest.shift, at: latest.due_at })}`,
    buttons: [button(say('chat.button.accept'), acceptText(turn, latest), 'primary'), ...demotions],
    followUps: [say('chat.say.accept')],
  };
}

/** What a button sends names the briefing: a tap hours later accepts no other. */
function acceptText({ say }: Turn, { id }: Briefing): string {
  const text = say('chat.say.accept_id', { id });
  return Buffer.byteLength(text) <= MOST_BYTES ? text : say('chat.say.accept');
}
