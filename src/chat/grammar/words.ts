/** One word of a line: with the punctuation around it as it was written, without it, and plain, for comparison. */
export interface Word {
  readonly written: string;
  readonly raw: string;
  readonly plain: string;
}

/** Longest line that is read word by word; what people type is shorter. */
export const MAX_LINE = 1000;

const QUOTED = /["“”]([^"“”]*)["“”]|`([^`]*)`|«([^»]*)»|(?<=^|\s)'([^']+)'(?=$|[\s?!.,])/u.source;
/** `merchant="Padaria Lua"`. */
const NAMED = /([\p{L}\p{N}_-]{1,64})=["“”]([^"“”]*)["“”]/u.source;
const QUOTED_OR_WORD = new RegExp(`${NAMED}|${QUOTED}|\\S+`, 'gu');
const EDGES = /^[¿¡([{'‘’«]+|[?!.,;:)\]}'‘’»]+$/gu;

/** Text for comparison: lower case, without accents, apostrophes and invisible characters. Pure. */
export function plainOf(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}\p{Cc}'’]/gu, '')
    .toLowerCase();
}

/** The words of a line. A quoted text is one word, in any kind of quotes: one kind may stand within another; punctuation around a word is not part of it. Pure. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  for (const [whole, name, value, ...quotes] of line.slice(0, MAX_LINE).matchAll(QUOTED_OR_WORD)) {
    const quoted = quotes.find((text) => text !== undefined);
    const given = name === undefined ? quoted : `${name}=${value ?? ''}`;
    const raw = (given ?? whole.replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').replaceAll(EDGES, '')).trim();
    const plain = quoted === undefined ? plainOf(raw) : `"${plainOf(raw)}"`;
    if (raw !== '' && plain !== '') words.push({ written: whole, raw, plain });
  }
  return words;
}
