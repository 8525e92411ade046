/** A compiled expression; true when all of a text matches. Takes time in proportion to the text, whatever the expression. */
export type FullMatch = (text: string) => boolean;

/** One step of the automaton. `step`: takes a character that `takes` allows; `split`: goes on at both places. */
type Instruction =
  | { readonly kind: 'step'; readonly takes: (character: string) => boolean }
  | { kind: 'split'; one: number; other: number }
  | { kind: 'jump'; to: number }
  | { readonly kind: 'end' };

/** Most instructions of one expression: repeats are written out. */
const INSTRUCTIONS_MOST = 2000;

const CLASSES: Readonly<Record<string, (character: string) => boolean>> = {
  d: (c) => /^\d$/u.test(c),
  D: (c) => !/^\d$/u.test(c),
  w: (c) => /^\w$/u.test(c),
  W: (c) => !/^\w$/u.test(c),
  s: (c) => /^\s$/u.test(c),
  S: (c) => !/^\s$/u.test(c),
};

/** Compiles the part of RE2's syntax that matchers need: literals, `.`, `[…]`, `\d \w \s`, groups, `|`, `* + ? {m,n}`. As in
 *  Alertmanager an expression is anchored at both ends, and it runs as an automaton (K. Thompson, 1968), since whoever may set a
 *  silence must not be able to stop the pipeline with one. Null for anything else: look-around, back-references, flags, a fault. */
export function compileRegex(source: string): FullMatch | null {
  const program: Instruction[] = [];
  try {
    const reader = createReader(stripAnchors(source));
    readAlternatives(reader, program, 0);
    if (!reader.isAtEnd()) return null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  program.push({ kind: 'end' });
  return (text) => run(program, text);
}

/** Expressions are anchored anyway. */
function stripAnchors(source: string): string {
  const start = source.startsWith('^') ? source.slice(1) : source;
  return /(?:^|[^\\])(?:\\\\)*\$$/.test(start) ? start.slice(0, -1) : start;
}

interface Reader {
  peek(): string | undefined;
  next(): string;
  /** Takes a text when it comes next. */
  take(text: string): boolean;
  /** Takes what matches a sticky expression. */
  takeMatch(pattern: RegExp): RegExpExecArray | null;
  isAtEnd(): boolean;
}

function createReader(source: string): Reader {
  let at = 0;
  const peek = (): string | undefined => {
    const code = source.codePointAt(at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  };
  return {
    peek,
    next: () => {
      const character = peek();
      if (character === undefined) throw new SyntaxError('ends too early');
      at += character.length;
      return character;
    },
    take: (text) => {
      if (!source.startsWith(text, at)) return false;
      at += text.length;
      return true;
    },
    takeMatch: (pattern) => {
      pattern.lastIndex = at;
      const found = pattern.exec(source);
      if (found !== null) at += found[0].length;
      return found;
    },
    isAtEnd: () => at >= source.length,
  };
}

const DEPTH_MOST = 20;

function readAlternatives(reader: Reader, program: Instruction[], depth: number): void {
  if (depth > DEPTH_MOST) throw new SyntaxError('nested too deeply');
  const start = program.length;
  readSequence(reader, program, depth);
  while (reader.take('|')) {
    // The branch so far moves one place on, behind the split.
    insert(program, start, { kind: 'split', one: start + 1, other: 0 });
    const jump: Instruction = { kind: 'jump', to: 0 };
    push(program, jump);
    (program[start] as { other: number }).other = program.length;
    readSequence(reader, program, depth);
    jump.to = program.length;
  }
}

function readSequence(reader: Reader, program: Instruction[], depth: number): void {
  for (let next = reader.peek(); next !== undefined && next !== '|' && next !== ')'; next = reader.peek()) {
    const start = program.length;
    readAtom(reader, program, depth);
    readRepeat(reader, program, start);
  }
}

function readAtom(reader: Reader, program: Instruction[], depth: number): void {
  const character = reader.next();
  if (character === '(') {
    if (reader.peek() === '?' && !reader.take('?:')) throw new SyntaxError('group with a flag');
    readAlternatives(reader, program, depth + 1);
    if (!reader.take(')')) throw new SyntaxError('group is not closed');
  } else push(program, { kind: 'step', takes: testOf(reader, character) });
}

function testOf(reader: Reader, character: string): (c: string) => boolean {
  if (character === '.') return (c) => c !== '\n';
  if (character === '[') return readClass(reader);
  if (character === '\\') return readEscape(reader);
  if ('*+?{}]^$'.includes(character)) throw new SyntaxError(`unexpected ${character}`);
  return (c) => c === character;
}

function readEscape(reader: Reader): (c: string) => boolean {
  const character = reader.next();
  const found = CLASSES[character];
  if (found !== undefined) return found;
  if (/[\p{L}\p{N}]/u.test(character)) throw new SyntaxError(`unknown escape ${character}`);
  return (c) => c === character;
}

function readClass(reader: Reader): (c: string) => boolean {
  const isNegated = reader.take('^');
  const tests: ((c: string) => boolean)[] = [];
  for (let first = true; first || reader.peek() !== ']'; first = false) {
    const low = reader.next();
    if (low === '\\') tests.push(readEscape(reader));
    else if (reader.peek() === '-' && reader.takeMatch(/-(?!\])/y) !== null) {
      const high = reader.next();
      if (high === '\\' || high < low) throw new SyntaxError('bad range');
      tests.push((c) => c >= low && c <= high);
    } else tests.push((c) => c === low);
  }
  reader.next();
  return (c) => tests.some((test) => test(c)) !== isNegated;
}

function readRepeat(reader: Reader, program: Instruction[], start: number): void {
  const range = repeatOf(reader);
  if (range === null) return;
  // Which of several matches is found makes no difference to whether there is one.
  reader.take('?');
  if (repeatOf(reader) !== null) throw new SyntaxError('repeat of a repeat');
  const body = program.splice(start);
  for (let count = 0; count < range.least; count += 1) copy(program, body, start);
  if (range.most === null) {
    const at = program.length;
    push(program, { kind: 'split', one: at + 1, other: at + body.length + 2 });
    copy(program, body, start);
    push(program, { kind: 'jump', to: at });
    return;
  }
  const end = program.length + (range.most - range.least) * (body.length + 1);
  for (let count = range.least; count < range.most; count += 1) {
    push(program, { kind: 'split', one: program.length + 1, other: end });
    copy(program, body, start);
  }
}

function repeatOf(reader: Reader): { readonly least: number; readonly most: number | null } | null {
  if (reader.take('*')) return { least: 0, most: null };
  if (reader.take('+')) return { least: 1, most: null };
  if (reader.take('?')) return { least: 0, most: 1 };
  const found = reader.takeMatch(/\{(\d{1,4})(,(\d{1,4})?)?\}/y);
  if (found === null) return null;
  const least = Number(found[1]);
  const most = found[2] === undefined ? least : found[3] === undefined ? null : Number(found[3]);
  if (most !== null && most < least) throw new SyntaxError('bad repeat');
  return { least, most };
}

/** Appends instructions that were written for the place `from`. */
function copy(program: Instruction[], body: readonly Instruction[], from: number): void {
  const shift = program.length - from;
  for (const instruction of body) push(program, shifted(instruction, shift));
}

function shifted(instruction: Instruction, shift: number): Instruction {
  if (instruction.kind === 'split') return { kind: 'split', one: instruction.one + shift, other: instruction.other + shift };
  return instruction.kind === 'jump' ? { kind: 'jump', to: instruction.to + shift } : instruction;
}

function insert(program: Instruction[], at: number, instruction: Instruction): void {
  const tail = program.splice(at).map((one) => shifted(one, 1));
  push(program, instruction);
  for (const one of tail) push(program, one);
}

function push(program: Instruction[], instruction: Instruction): void {
  if (program.length >= INSTRUCTIONS_MOST) throw new SyntaxError('too long');
  program.push(instruction);
}

function run(program: readonly Instruction[], text: string): boolean {
  let places = closure(program, [0]);
  for (const character of text) {
    const next: number[] = [];
    for (const place of places) {
      const instruction = program[place];
      if (instruction?.kind === 'step' && instruction.takes(character)) next.push(place + 1);
    }
    if (next.length === 0) return false;
    places = closure(program, next);
  }
  return places.has(program.length - 1);
}

/** All places that are reached without taking a character. */
function closure(program: readonly Instruction[], from: readonly number[]): Set<number> {
  const seen = new Set<number>();
  const open = [...from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const instruction = program[place];
    if (instruction?.kind === 'jump') open.push(instruction.to);
    else if (instruction?.kind === 'split') open.push(instruction.one, instruction.other);
  }
  return seen;
}
