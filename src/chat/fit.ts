/** Least that a cut leaves of a text, so that one long line is cut in itself. */
const LEAST_SHARE = 0.5;

/** A text cut to `most` characters, and what is left of it: between paragraphs, else between lines, else between characters.
 *  Pure. */
export function cutToFit(text: string, most: number): { readonly shown: string; readonly rest: string } {
  if (text.length <= most) return { shown: text, rest: '' };
  const least = most * LEAST_SHARE;
  const at = [text.lastIndexOf('\n\n', most), text.lastIndexOf('\n', most)].find((place) => place >= least) ?? wholeCharacter(text, most);
  return { shown: text.slice(0, at).trimEnd(), rest: text.slice(at).replace(/^\n+/, '') };
}

/** The last place up to `most` that cuts no character in two. */
const wholeCharacter = (text: string, most: number): number => (/[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most);
