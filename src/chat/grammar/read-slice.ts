import type { NamedSlice } from './command.ts';
import { SLICE_WORDS } from './phrases.ts';
import type { Word } from './words.ts';

const SLICE_OF: ReadonlyMap<string, NamedSlice['of']> = new Map(
  (Object.keys(SLICE_WORDS) as NamedSlice['of'][]).flatMap((of) => SLICE_WORDS[of].map((word) => [word, of] as const)),
);

/** The name of a part of the traffic, if there is one, and the words without it. */
export interface TakenSlice {
  readonly slice?: NamedSlice;
  readonly words: readonly Word[];
}

export const MOST_NAME_WORDS = 6;
/** "Pão de Açúcar", "José & Filhos": what joins words of a name. */
const JOINS = /^(?:d[aeo]s?|e|&|of|and|the)$/;

/** The name after a word such as "lojista", and the words without both. `count`: words of the name, which are written as names are:
 *  with capitals or figures but for what joins them. Null when two are named, or the name is missing. Pure. */
export function takeSlice(words: readonly Word[], count = 1): TakenSlice | null {
  const places = words.flatMap(({ plain }, at) => (SLICE_OF.has(plain) ? [at] : []));
  const [at] = places;
  if (at === undefined) return { words };
  const name = words.slice(at + 1, at + 1 + count);
  const of = SLICE_OF.get(words[at]?.plain ?? '');
  if (name.length < count || of === undefined || places.some((other) => other > at + 1)) return null;
  if (!isName(name)) return { slice: { of, name: '' }, words };
  return { slice: { of, name: name.map(({ raw }) => raw).join(' ') }, words: [...words.slice(0, at), ...words.slice(at + 1 + count)] };
}

const isName = (words: readonly Word[]): boolean =>
  words.length === 1 ||
  words.every(({ raw, plain }, at) => /^[\p{Lu}\d]/u.test(raw) || (at > 0 && at < words.length - 1 && JOINS.test(plain)));
