import { ACTS, type Command } from './command.ts';
import { correctionsOf, neighboursOf } from './correct.ts';
import { readAct } from './read-act.ts';
import { isPhrase, readQuestion } from './read-question.ts';
import { MAX_LINE, plainOf, wordsOf, type Word } from './words.ts';

/** What a line means; null when it is not understood. */
export interface ReadLine {
  readonly command: Command | null;
  /** Words were taken for others that are one letter away. */
  readonly isCorrected: boolean;
}

const NONE: ReadLine = { command: null, isCorrected: false };

/** Reads one line. Accents and case do not count, `/` and `@bot` may be there. A letter too many, too few, wrong or swapped with
 *  its neighbour is forgiven in the words of questions, never in those of acts. Pure. */
export function readLine(line: string): ReadLine {
  if (line.length > MAX_LINE) return NONE;
  const words = withoutAddress(wordsOf(line));
  if (words.length === 0) return plainOf(line).trim() === '?' ? { command: { verb: 'help' }, isCorrected: false } : NONE;
  const act = isPhrase(words) ? null : readAct(words);
  if (act !== null && isAsked(line, act)) return { command: askedOf(act), isCorrected: false };
  if (act !== null) return isNearQuestion(act, words) ? NONE : { command: act, isCorrected: false };
  const asked = readQuestion(words);
  if (asked !== null) return { command: asked, isCorrected: false };
  const meant = new Map<string, Command>();
  for (const guess of correctionsOf(words)) {
    const guessed = readQuestion(guess);
    if (guessed !== null && !ACTS.has(guessed.verb)) meant.set(JSON.stringify(guessed), guessed);
  }
  const [only] = meant.values();
  return meant.size === 1 && only !== undefined ? { command: only, isCorrected: true } : NONE;
}

/** "incidente abertos": a description may be anything, so a letter that is missing in a question would open an incident. */
const isNearQuestion = (act: Command, words: readonly Word[]): boolean =>
  (act.verb === 'incident' || act.verb === 'runbook') && neighboursOf(words).some((line) => readQuestion(line) !== null);

/** A question never acts: "incidente 3 resolvido?" asks. What somebody wants to have written down may be a question. */
const isAsked = (line: string, act: Command): boolean =>
  ACTS.has(act.verb) && act.verb !== 'incident_note' && /\?[\s!.…)]*$/.test(line.normalize('NFKC').replaceAll(/\p{Cf}/gu, ''));

const askedOf = (act: Command): Command | null =>
  act.verb === 'incident_change' ? { verb: 'incident_details', number: act.number } : null;

/** The lines of a message that say something; of a line that is no command, but several questions, each one. */
export function linesOf(text: string): string[] {
  return text
    .split(/[\r\n\u2028\u2029]+/)
    .filter((line) => plainOf(line).trim() !== '')
    .flatMap((line) => questionsOf(line) ?? [line]);
}

const MOST_QUESTIONS = 4;
/** What stands between questions: "status? e os alertas?", "status, alertas e volume". */
const BETWEEN = /[?;,]+(?:\s+(?:e|and)(?=\s))?\s*|\s+(?:e|and)\s+/iu;

function questionsOf(line: string): readonly string[] | null {
  if (line.length > MAX_LINE) return null;
  const parts = line.split(BETWEEN).filter((part) => part.trim() !== '');
  if (parts.length < 2 || parts.length > MOST_QUESTIONS || readLine(line).command !== null) return null;
  return parts.every((part) => lineKind(part) === 'question') ? parts : null;
}

/** Whether a line asks or acts; null for one that is not understood. Pure. */
export function lineKind(line: string): 'question' | 'act' | null {
  const { command } = readLine(line);
  if (command === null) return null;
  return ACTS.has(command.verb) ? 'act' : 'question';
}

/** Without the mention of a bot before the command or behind it, and without the slash. */
function withoutAddress(words: readonly Word[]): readonly Word[] {
  const [first] = words;
  if (first === undefined) return words;
  if (/^(?:@|<@)/.test(first.raw)) return withoutAddress(words.slice(1));
  const strip = (text: string): string => text.replace(/^\/+/, '').replace(/@[\w.-]+$/, '');
  const head: Word =
    first.raw.startsWith('/') || first.raw.includes('@')
      ? { written: strip(first.raw), raw: strip(first.raw), plain: strip(first.plain) }
      : first;
  // A command of a menu has no space: /anomalias_2h.
  const rest = words.slice(1).filter(({ raw }) => !/^@[\w.-]+$/.test(raw));
  return head.plain === '' ? withoutAddress(rest) : [head, ...rest];
}
