import { lineKind } from '../grammar/read-line.ts';
import { actsMeant, suggestionsFor } from '../grammar/suggest.ts';
import type { Turn } from '../turn.ts';
import { cleanText, foreignText } from './name-text.ts';
import { button, type Reply } from './reply.ts';

/** What may be asked, an example each: the source of suggestions. */
const EXAMPLES = [
  ...['status', 'alerts', 'anomalies', 'approval', 'volume', 'lost', 'metrics', 'ack', 'snooze', 'silence', 'silences'],
  ...['awake', 'undo', 'escalate', 'why', 'details', 'runbook', 'progress', 'cancel_run', 'resume_run', 'incident', 'incidents', 'figures'],
  ...['oncall', 'briefing', 'accept', 'link', 'help'],
] as const;
/** Longest part of a line that is repeated to its writer. */
const MOST_SHOWN = 60;

/** "ajuda". */
export function replyHelp({ say }: Turn): Reply {
  return { text: say('chat.help'), followUps: [say('chat.say.status'), say('chat.say.alerts')] };
}

/** A line that is not understood: the nearest commands, questions and the writer's own acts ready to tap. An act of the examples is
 *  only shown: nobody asked for it. */
export function replyUnknown({ say }: Turn, line: string): Reply {
  const own = actsMeant(line);
  const suggestions = suggestionsFor(
    line,
    EXAMPLES.map((name) => say(`chat.say.${name}`)),
    own,
  );
  const taps = suggestions.filter((text) => own.includes(text) || lineKind(text) !== 'act');
  const clean = Array.from(cleanText(line).trim());
  const shown = clean.length > MOST_SHOWN ? `${foreignText(clean.slice(0, MOST_SHOWN).join(''))}…` : foreignText(clean.join(''));
  return {
    text: say('chat.unknown', { line: shown, suggestions: suggestions.map((text) => `• ${foreignText(text)}`).join('\n') }),
    buttons: taps.filter((text) => Buffer.byteLength(text) <= 64).map((text) => button(text, text)),
    followUps: taps,
    isUnknown: true,
  };
}
