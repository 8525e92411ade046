/** Digits of a text that follow each other closely, in any script, as ASCII digits with their places in the text. */
export interface DigitRun {
  readonly digits: string;
  /** Offset of each digit in the text. */
  readonly at: readonly number[];
  /** Index of the first digit of each group; characters that are seen stand between groups. */
  readonly groups: readonly number[];
  /** For each group: something else than spaces, dashes and dots stands before it. */
  readonly odd: readonly boolean[];
}

type Kind = number | 'letter' | 'separator' | 'invisible';

const MAX_USUAL_SEPARATORS = 3;
const MAX_SEPARATORS = 2;
const MAX_KNOWN = 20_000;
const UUID = /(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/gi;
const known = new Map<number, Kind>();

/** Calls `visit` for each run of at least `minimum` digits: letters end a run, and so do more than three spaces, dashes or
 *  dots, or more than two characters of which one is something else. Characters that nobody sees do not count. Digits of
 *  UUIDs are no digits. `visit` returns true to stop. Linear in the length of the text. */
export function visitDigitRuns(text: string, minimum: number, visit: (run: DigitRun) => boolean): void {
  let run = emptyRun();
  let visible = 0;
  let odd = false;
  const uuids = text.length >= 36 ? text.matchAll(UUID) : [].values();
  let uuid = uuids.next().value;
  /** Ends the run; true when the caller wants no more. */
  const flush = (): boolean => {
    const done = run;
    if (done.digits.length > 0) run = emptyRun();
    return done.digits.length >= minimum && visit(done);
  };
  for (let at = 0; at < text.length; at++) {
    if (uuid !== undefined && at === uuid.index) {
      if (flush()) return;
      at += uuid[0].length - 1;
      uuid = uuids.next().value;
      continue;
    }
    const code = text.charCodeAt(at);
    const kind = kindAt(text, at);
    if (typeof kind === 'number') {
      if (run.digits.length === 0 || visible > 0) {
        run.groups.push(run.digits.length);
        run.odd.push(odd && run.digits.length > 0);
      }
      run.digits += kind;
      run.at.push(at);
      [visible, odd] = [0, false];
    } else if (run.digits.length > 0 && kind !== 'invisible') {
      visible++;
      if (code !== 32 && code !== 45 && code !== 46 && code !== 160) odd = true;
      const isFar = kind === 'letter' || visible > (odd ? MAX_SEPARATORS : MAX_USUAL_SEPARATORS);
      if (isFar && flush()) return;
      if (isFar) [visible, odd] = [0, false];
    }
    if (code >= 0xd800 && code < 0xdc00 && at + 1 < text.length && (text.codePointAt(at) ?? 0) > 0xffff) at++;
  }
  flush();
}

/** What the character at an offset is: a digit of any script by its value, or no digit. */
export function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at);
  return code < 128 ? asciiKind(code) : wideKind(text.codePointAt(at) ?? code);
}

function emptyRun() {
  return { digits: '', at: [] as number[], groups: [] as number[], odd: [] as boolean[] };
}

function asciiKind(code: number): Kind {
  if (code >= 48 && code <= 57) return code - 48;
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) ? 'letter' : 'separator';
}

function wideKind(codePoint: number): Kind {
  let kind = known.get(codePoint);
  if (kind === undefined) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(codePoint, (kind = classify(codePoint)));
  }
  return kind;
}

function classify(codePoint: number): Kind {
  const character = String.fromCodePoint(codePoint);
  const plain = character.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '');
  if (/^[0-9]$/.test(plain)) return Number(plain);
  if (/^\p{Nd}$/u.test(character)) return decimalValue(codePoint);
  if (/^[\p{L}\p{N}]/u.test(character)) return 'letter';
  return /^[\p{Cf}\p{M}\u115f\u1160\u3164\uffa0]$/u.test(character) ? 'invisible' : 'separator';
}

/** Unicode keeps the ten digits of a script in one row, zero first. */
function decimalValue(codePoint: number): number {
  let zero = codePoint;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--;
  return (codePoint - zero) % 10;
}
