import { editDistance } from '../../check/closest-name.ts';
import { actsNear } from './correct.ts';
import { SMALL_WORDS } from './phrases.ts';
import { readAct } from './read-act.ts';
import { lineKind } from './read-line.ts';
import { wordsOf } from './words.ts';

/** Most suggestions for a line that is not understood. */
const MOST = 3;
/** Words of a line that are compared. */
const MOST_WORDS = 12;
/** Longest line that is offered as an act. */
const MOST_LETTERS = 120;

/** What may have been meant by a line that is not understood: the line itself with an act written right, then the nearest of
 *  `examples`. Nothing near: the first of `examples`. `acts`: those of `actsMeant`, where they are known. Pure. */
export function suggestionsFor(line: string, examples: readonly string[], acts: readonly string[] = actsMeant(line)): readonly string[] {
  const plain = wordsOf(line)
    .slice(0, MOST_WORDS)
    .flatMap((word) => (SMALL_WORDS.has(word.plain) ? [] : [word.plain]));
  const near = examples
    .map((example) => ({
      example,
      score: nearness(
        plain,
        wordsOf(example).flatMap((word) => (SMALL_WORDS.has(word.plain) ? [] : [word.plain])),
      ),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ example }) => example);
  const found = [...new Set([...acts, ...near])].slice(0, MOST);
  return found.length > 0 ? found : examples.slice(0, MOST);
}

/** Acts that a line may have meant, in its own words: the question as an act, a description that says too little to be one, an act
 *  with a word written right. Pure. */
export function actsMeant(line: string): readonly string[] {
  const words = wordsOf(line).slice(0, MOST_WORDS);
  const said = line.trim().replace(/[\s?？!.…)]+$/u, '');
  const opened = /^(?:incidente|incident)\s+(?=\S)/i.exec(said);
  const explicit = [said, ...(opened === null ? [] : [`${/e\s/i.test(opened[0]) ? 'abrir' : 'open'} ${said}`])]
    .filter((one) => one !== line.trim())
    .filter((one) => one.length <= MOST_LETTERS && lineKind(one) === 'act');
  const written = actsNear(words)
    .filter((guess) => readAct(guess) !== null)
    .map((guess) => guess.map(({ raw, plain }, at) => (plain === words[at]?.plain ? raw : plain)).join(' '));
  return [...new Set([...explicit, ...written])];
}

/** How many words two lines share, nearly: a word that differs by a third of its letters counts for its likeness. */
function nearness(line: readonly string[], example: readonly string[]): number {
  let score = 0;
  for (const word of line) {
    if (word.length < 3) continue;
    const best = Math.max(0, ...example.map((other) => likeness(word, other)));
    score += best;
  }
  return score;
}

function likeness(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  if (longest > 40 || Math.min(a.length, b.length) < 3) return 0;
  const like = 1 - editDistance(a, b) / longest;
  return like >= 0.6 ? like : 0;
}
