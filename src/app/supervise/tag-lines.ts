import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

/** A line that is longer is cut into several: nobody's memory grows with it. */
const LONGEST = 1_000_000;

export interface TagOptions {
  /** The name in front of a text, rather than a line of JSON. */
  readonly people: boolean;
  readonly write: (text: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Passes on what a process writes, line by line, with its name: a line of JSON gets the field `process`; any other text is written with
 *  the name in front, for `people`, or as a line of JSON. */
export function tagLines(from: Readable, name: string, options: TagOptions): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const pass = (line: string): void => options.write(`${tagged(line, name, options)}\n`);
  from.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') pass(line);
    if (rest.length > LONGEST) pass(rest.slice(0, LONGEST));
    if (rest.length > LONGEST) rest = rest.slice(LONGEST);
  });
  from.once('end', () => (rest === '' ? undefined : pass(rest)));
}

function tagged(line: string, name: string, { people, now }: TagOptions): string {
  if (line.startsWith('{"')) return `{"process":${JSON.stringify(name)},${line.slice(1)}`;
  if (people) return `${name.padEnd(10)}| ${line.trim()}`;
  return JSON.stringify({ process: name, level: 'info', time: new Date(now()).toISOString(), msg: line.trim() });
}
