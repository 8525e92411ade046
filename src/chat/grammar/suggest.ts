import { editDistance } from '../../check/closest-name.ts';
import { actsNear } from './correct.ts';
import { readAct } from './read-act.ts';
import { wordsOf } from './words.ts';

/** Most suggestions for a line that is not understood. */
const MOST = 3;
/** Words of a line that are compared. */
const MOST_WORDS = 12;

/** What may have been meant by a line that is not understood: the line itself with an act written right, then the nearest of
 *  `examples`. Nothing near: the first of `examples`. Pure. */
export function suggestionsFor(line: string, examples: readonly string[]): readonly string[] {
  const words = wordsOf(line).slice(0, MOST_WORDS);
  const acts = actsNear(words)
    .filter((guess) => readAct(guess) !== null)
    .map((guess) => guess.map(({ raw, plain }, at) => (plain === words[at]?.plain ? raw : plain)).join(' '));
  const plain = words.map((word) => word.plain);
  const near = examples
    .map((example) => ({
      example,
      score: nearness(
        plain,
        wordsOf(example).map((word) => word.plain),
      ),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ example }) => example);
  const found = [...new Set([...acts, ...near])].slice(0, MOST);
  return found.length > 0 ? found : examples.slice(0, MOST);
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
