import type { NamedSlice, Reference } from './command.ts';
import { referenceOf } from './read-reference.ts';
import { takeSlice } from './read-slice.ts';
import { wordsOf } from './words.ts';

/** What a silence is to hide: a part of the traffic by name, what was shown, or labels as Alertmanager writes them. */
export type NamedScope =
  | { readonly kind: 'slice'; readonly slice: NamedSlice }
  | { readonly kind: 'shown'; readonly of: Reference }
  | { readonly kind: 'matcher'; readonly matcher: string };

const MATCHER = /^[a-z_]{1,40}\s*(?:=~|!~|!=|=)\s*\S.*$/i;
/** Words between the verb and the name. */
const ARTICLES: ReadonlySet<string> = new Set(['o', 'a', 'os', 'as', 'do', 'da', 'the']);

/** Reads the scope of a silence; null for anything else: a word that is not understood would hide too much or too little. Pure. */
export function readScope(text: string): NamedScope | null {
  if (MATCHER.test(text)) return { kind: 'matcher', matcher: text };
  const taken = takeSlice(wordsOf(text));
  if (taken === null) return null;
  if (taken.slice !== undefined)
    return taken.words.every(({ plain }) => ARTICLES.has(plain)) ? { kind: 'slice', slice: taken.slice } : null;
  const of = referenceOf(taken.words.map(({ plain }) => plain).join(' '));
  return of === null || of.kind === 'all' ? null : { kind: 'shown', of };
}
