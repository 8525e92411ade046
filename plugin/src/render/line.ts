/** One line of a message, before a channel's markup. `strong`: the title; `code`: to be copied or aligned. */
export interface Line {
  readonly text: string;
  readonly style?: 'strong' | 'code';
}

/** The lines of a plain text: of several, the first one is the title. */
export function plainLines(text: string): Line[] {
  const [first = '', ...others] = text.split('\n');
  return others.length === 0 ? [{ text: first }] : [{ text: first, style: 'strong' }, ...others.map((line) => ({ text: line }))];
}
