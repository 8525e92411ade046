import { editDistance } from '../../check/closest-name.ts';
import { PERIOD_WORDS } from '../period/read-period.ts';
import { METRIC_NAMES } from './metric-names.ts';
import { PHRASES, SLICE_WORDS, SMALL_WORDS } from './phrases.ts';
import type { Word } from './words.ts';

/** Shorter words have too many neighbours: of what is meant, and of what is written. */
const SHORTEST = 4;
const SHORTEST_WRITTEN = 3;
/** Words of one line that may be wrong, and guesses for each. */
const MOST_WRONG = 3;
const MOST_GUESSES = 6;

const EXTRA = ['detalhe', 'detalhes', 'details', 'porque', 'mostra', 'mostre', 'quais', 'quantas', 'quantos', 'favor'];
/** More than one: no name follows. */
const SLICES = ['merchants', 'lojistas', 'lojas', 'comerciantes', 'estabelecimentos', 'adquirentes', 'acquirers', 'codigos', 'codes'];
/** Too much is one letter away from them: "pode", "rode", "onde" from "code". */
const SHORT_SLICES: ReadonlySet<string> = new Set(['code', 'loja']);
const WORDS: ReadonlySet<string> = new Set(
  [
    ...[...Object.values(PHRASES), ...Object.values(METRIC_NAMES), ...Object.values(SLICE_WORDS)]
      .flat()
      .flatMap((phrase) => phrase.split(' ')),
    ...PERIOD_WORDS,
    ...EXTRA,
    ...SLICES,
  ].filter((word) => word.length >= SHORTEST),
);
/** Words that acts begin with: only suggested, never taken for what was written. */
const ACT_WORDS: ReadonlySet<string> = new Set([
  ...['reconhecer', 'reconheco', 'acknowledge', 'soneca', 'snooze', 'silenciar', 'silence', 'escalar', 'escalate', 'acordado', 'acordada'],
  ...['estou', 'awake', 'util', 'useful', 'ruido', 'noise', 'aceitar', 'accept', 'nivel', 'level', 'runbook', 'executar', 'executa'],
  ...[
    'rodar',
    'execute',
    'confirmar',
    'confirm',
    'incidente',
    'incident',
    'turno',
    'shift',
    'ack',
    'desfazer',
    'undo',
    'cancelar',
    'cancel',
    'retomar',
    'resume',
  ],
  ...['encerrar', 'silencio', 'aceito', 'rebaixar', 'demote', 'nota', 'note', 'resolvido', 'resolved', 'meu', 'mine'],
]);
const NAME_FOLLOWS: ReadonlySet<string> = new Set(Object.values(SLICE_WORDS).flat());

/** The questions that may have been meant: each unknown word replaced by a known one that is one edit away (Damerau-Levenshtein
 *  1). Empty when nothing is wrong, or too much. Names are left alone. Pure. */
export const correctionsOf = (words: readonly Word[]): readonly (readonly Word[])[] => replaced(words, WORDS);

/** The acts that may have been meant, for suggestions. Pure. */
export const actsNear = (words: readonly Word[]): readonly (readonly Word[])[] => replaced(words, ACT_WORDS);

/** The lines with one word, right or wrong, replaced by another that is one edit away. Pure. */
export function neighboursOf(words: readonly Word[]): readonly (readonly Word[])[] {
  return words.flatMap((word, at) =>
    word.plain.length < SHORTEST ? [] : nearest(word.plain, WORDS).map((plain) => words.with(at, { ...word, plain })),
  );
}

function replaced(words: readonly Word[], known: ReadonlySet<string>): readonly (readonly Word[])[] {
  const guesses = words.map((word, at) => (isKnown(word, words[at - 1], known) ? [] : nearest(word.plain, known)));
  const wrong = guesses.filter((list) => list.length > 0).length;
  if (wrong === 0 || wrong > MOST_WRONG) return [];
  let lines: (readonly Word[])[] = [[]];
  for (const [at, word] of words.entries()) {
    const choices = guesses[at] ?? [];
    const next = choices.length === 0 ? [word] : choices.map((plain) => ({ ...word, plain }));
    lines = lines.flatMap((line) => next.map((choice) => [...line, choice]));
  }
  return lines;
}

function isKnown({ plain }: Word, before: Word | undefined, known: ReadonlySet<string>): boolean {
  if (plain.length < SHORTEST_WRITTEN || known.has(plain) || SMALL_WORDS.has(plain) || /\d/.test(plain)) return true;
  return before !== undefined && NAME_FOLLOWS.has(before.plain);
}

function nearest(plain: string, known: ReadonlySet<string>): readonly string[] {
  const near = [...known].filter(
    (word) => !SHORT_SLICES.has(word) && Math.abs(word.length - plain.length) <= 1 && editDistance(word, plain) === 1,
  );
  return near.slice(0, MOST_GUESSES);
}
