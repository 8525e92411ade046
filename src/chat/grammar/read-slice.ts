import type { NamedSlice } from './command.ts';
import { SLICE_WORDS } from './phrases.ts';
import type { Word } from './words.ts';

const SLICE_OF: ReadonlyMap<string, NamedSlice['of']> = new Map(
  (Object.keys(SLICE_WORDS) as NamedSlice['of'][]).flatMap((of) => SLICE_WORDS[of].map((word) => [word, of] as const)),
);

/** The name after a word such as "lojista", and the words without both. Null when two are named, or the name is missing. Pure. */
export function takeSlice(words: readonly Word[]): { readonly slice?: NamedSlice; readonly words: readonly Word[] } | null {
  const places = words.flatMap(({ plain }, at) => (SLICE_OF.has(plain) ? [at] : []));
  const [at] = places;
  if (at === undefined) return { words };
  const name = words[at + 1];
  const of = SLICE_OF.get(words[at]?.plain ?? '');
  if (name === undefined || of === undefined || places.some((other) => other > at + 1)) return null;
  return { slice: { of, name: name.raw }, words: [...words.slice(0, at), ...words.slice(at + 2)] };
}
